use super::super::{addresses, links, neighbours, routes};
use super::*;
use std::process::{Command, Stdio};

/// A message of the kernel.
fn message(kind: u16, flags: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(u32::try_from(16 + body.len()).unwrap().to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend([0; 8]);
    bytes.extend(body);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn attribute(number: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(u16::try_from(4 + value.len()).unwrap().to_ne_bytes());
    bytes.extend(number.to_ne_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn link(index: u8, attributes: &[Vec<u8>]) -> Vec<u8> {
    let mut body = vec![0; 16];
    body[4] = index;
    body.extend(attributes.concat());
    message(16, 0, &body)
}

fn done(code: i32) -> Vec<u8> {
    message(NLMSG_DONE, 0, &code.to_ne_bytes())
}

/// Names of the interfaces in these datagrams.
fn names(datagrams: &[Vec<u8>]) -> Answer<Vec<String>> {
    use netlink_packet_route::link::LinkAttribute;

    let mut rest = datagrams.iter();
    let dump = gather(|| Ok(Some(rest.next().cloned().unwrap_or_default())))?;
    if dump.interrupted {
        return Err(Miss::Unknown(Reason::failed("interrupted")));
    }
    let name = |message: &Message| match message {
        Message::NewLink(link) => link.attributes.iter().find_map(|it| match it {
            LinkAttribute::IfName(name) => Some(name.clone()),
            _ => None,
        }),
        _ => None,
    };
    Ok(dump.read()?.iter().filter_map(name).collect())
}

#[test]
fn message_that_cannot_be_read_costs_itself() {
    let eth0 = link(1, &[attribute(3, b"eth0\0")]);
    let eth1 = link(2, &[attribute(3, b"eth1\0")]);
    // Cut in its fixed part.
    let cut = message(16, 0, &[0; 7]);
    let whole = [eth0.clone(), cut.clone(), eth1, done(0)].concat();
    assert_eq!(names(&[whole]).unwrap(), ["eth0", "eth1"]);
    let none = names(&[[cut, done(0)].concat()]);
    assert_eq!(
        none,
        Err(Miss::Unknown(Reason::failed("rtnetlink message")))
    );
}

#[test]
fn attribute_that_cannot_be_read_costs_at_most_its_own_message() {
    // An MTU of three bytes, an unknown attribute, one that says it is longer than the message.
    let odd = link(
        1,
        &[
            attribute(3, b"eth0\0"),
            attribute(4, &[1, 2, 3]),
            attribute(999, &[0; 5]),
        ],
    );
    let mut long = attribute(3, b"eth1\0");
    long.extend([0xff, 0xff, 4, 0]);
    let long = link(2, &[long]);
    // 診療 in EUC-JP: the kernel takes any bytes.
    let japanese = link(3, &[attribute(3, b"\xbf\xc7\xce\xc5\0")]);
    let found = names(&[[odd, long, japanese, done(0)].concat()]).unwrap();
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(&found[..2], ["eth0", "eth1"]);
}

#[test]
fn error_at_the_end_and_change_meanwhile_are_no_answers() {
    let eth0 = link(1, &[attribute(3, b"eth0\0")]);
    let busy = names(&[eth0.clone(), done(-libc::EBUSY)]);
    assert_eq!(
        busy,
        Err(Miss::Unknown(Reason::failed(format!(
            "errno {}",
            libc::EBUSY
        ))))
    );
    let denied = message(NLMSG_ERROR, 0, &(-libc::EPERM).to_ne_bytes());
    assert_eq!(names(&[denied]), Err(Miss::Unknown(Reason::Denied)));
    let changed = message(NLMSG_DONE, NLM_F_DUMP_INTR, &0_i32.to_ne_bytes());
    assert_eq!(
        names(&[eth0, changed]),
        Err(Miss::Unknown(Reason::failed("interrupted")))
    );
    let overrun = message(NLMSG_OVERRUN, 0, &[]);
    assert_eq!(
        names(&[overrun]),
        Err(Miss::Unknown(Reason::failed("overrun")))
    );
}

#[test]
fn answer_without_end_is_bounded() {
    let eth0 = link(1, &[attribute(3, b"e\0")]);
    let datagram = eth0.repeat(1_000);
    let endless = gather(|| Ok(Some(datagram.clone())));
    assert_eq!(
        endless.unwrap_err(),
        Miss::Unknown(Reason::failed("too many entries"))
    );
    let noise = message(NLMSG_NOOP, 0, &[0; 1 << 20]);
    let noise = gather(|| Ok(Some(noise.clone())));
    assert_eq!(noise.unwrap_err(), Miss::Unknown(Reason::failed("EFBIG")));
    let cut = gather(|| Ok(None));
    assert_eq!(cut.unwrap_err(), Miss::Unknown(Reason::failed("EMSGSIZE")));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_taken_without_a_panic(
        body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
        kind in 0_u16..40,
        cut in 0_usize..220,
    ) {
        let mut bytes = message(kind, 0, &body);
        bytes.truncate(cut);
        let _ = Dump::default().take(&bytes);
        let _ = Dump::default().take(&body);
    }
}

/// Runs `ip -batch` in the network namespace of this thread.
fn ip(lines: &str) -> bool {
    use std::io::Write;

    let Ok(mut child) = Command::new("ip")
        .args(["-batch", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
    else {
        return false;
    };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    child.wait().unwrap().success()
}

/// A namespace of this thread's own; the thread ends with it.
#[allow(unsafe_code)]
fn own_namespace() -> bool {
    // SAFETY: the call takes no pointer and changes this thread alone, which the test made.
    unsafe { libc::unshare(libc::CLONE_NEWNET) == 0 }
}

#[test]
fn two_hundred_interfaces_and_ten_thousand_routes_are_read() {
    let in_namespace = || {
        if !own_namespace() || !ip("link set lo up\n") {
            let reason = "needs root and iproute2";
            assert_ne!(
                std::env::var("DAICHO_REQUIRE").as_deref(),
                Ok("all"),
                "netns: {reason}"
            );
            println!("SKIP netns: {reason}");
            return;
        }
        let veths: String = (0..100)
            .map(|n| format!("link add a{n} type veth peer name b{n}\nlink set a{n} up\naddress add 10.9.{n}.1/24 dev a{n}\n"))
            .collect();
        assert!(ip(&veths));
        assert!(ip("link set b0 up\n"));
        let has_vlan = ip("link add link a0 name a0.7 type vlan id 7\n");
        let all: String = (0..10_000)
            .map(|n| {
                format!(
                    "route add 172.{}.{}.{}/32 via 10.9.0.2 dev a0\n",
                    16 + n / 65_536,
                    n / 256 % 256,
                    n % 256
                )
            })
            .collect();
        assert!(ip(&all));
        assert!(ip(
            "neighbour add 10.9.0.2 lladdr 02:00:00:00:00:02 dev a0 nud permanent\n"
        ));

        let found = links().unwrap();
        assert!(found.len() > 200);
        let under = found.iter().find(|it| it.name == "a0").unwrap();
        if has_vlan {
            let vlan = found.iter().find(|it| it.name == "a0.7").unwrap();
            assert_eq!((vlan.vlan, vlan.kind.as_deref()), (Some(7), Some("vlan")));
            assert_eq!(vlan.lower, Some(under.index));
        } else {
            println!("SKIP vlan: this kernel has none");
        }
        assert_eq!(under.kind.as_deref(), Some("veth"));
        assert!(under.mac.is_some() && under.mtu == Some(1500) && under.admin_up);
        let own = addresses().unwrap();
        assert_eq!(own.iter().filter(|it| it.prefix == 24).count(), 100);
        let far = routes().unwrap();
        let hosts = far
            .iter()
            .filter(|it| it.prefix == 32 && it.gateway.is_some());
        assert_eq!(hosts.count(), 10_000);
        let beside = neighbours().unwrap();
        assert!(
            beside
                .iter()
                .any(|it| it.mac.as_deref() == Some("02:00:00:00:00:02"))
        );
    };
    std::thread::spawn(in_namespace).join().unwrap();
}

//! A machine that is full of one patient's data, and two programs that run on it. Comes in: a name
//! for its folder; goes out: commands that run inside; it ends with the value, and nothing of the real
//! machine is changed.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};

use daicho_tests::{Folder, have, have_program, programs};

/// The text that is planted with number 00.
const TEXT: &str =
    "患者 山田太郎 ヤマダ タロウ 1950-01-01 カルテ番号 0123456-00 保険者番号 06139876";
const PLANT: &str = include_str!("plant.sh");
const PERSON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/it/canary/person.pem");

/// The machine; its programs end with it.
pub(super) struct Machine {
    /// Keeps the namespaces; ends when its input is closed.
    holder: Child,
    running: Vec<Child>,
    _cover: Folder,
}

impl Machine {
    /// Plants everything; `None`: this machine does not let a test lay folders over its own.
    pub(super) fn start(name: &str, through: &str) -> Option<Self> {
        let there = have_program("unshare", "util-linux")
            && have_program("nsenter", "util-linux")
            && have_program("bash", "bash");
        let may = there && is_possible();
        if !have("mount namespaces", may, "not root, or forbidden here") {
            return None;
        }
        let cover = Folder::new(&format!("{name}-cover"));
        let mut holder = Command::new("unshare")
            .args([
                "--mount",
                "--uts",
                "--propagation",
                "private",
                "bash",
                "-euc",
            ])
            .args([PLANT, "plant"])
            .arg(cover.path())
            .args([PERSON, through])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare starts");
        let mut said = String::new();
        let out = holder.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut said).expect("a line");
        assert_eq!(said.trim(), "planted", "the traces are in their places");
        let mut machine = Self {
            holder,
            running: Vec::new(),
            _cover: cover,
        };
        machine.run_viewer();
        machine.run_script();
        Some(machine)
    }

    /// A program inside, by its full path.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command
            .arg(format!("--target={}", self.holder.id()))
            .args(["--mount", "--uts"])
            .args(["/bin/bash", "-c", "cd \"$0\" && exec \"$@\""])
            .arg(format!("/home/{}", TEXT.replace("-00", "-01")))
            .arg(program)
            .env("DAICHO_PATIENT", TEXT)
            .env("HOME", format!("/home/{TEXT}"));
        command
    }

    /// The agent inside, with everything logged.
    pub(super) fn agent(&self) -> Command {
        let mut command = self.command(programs().agent.to_str().expect("a path"));
        command.env("RUST_LOG", "trace");
        command
    }

    /// A program whose arguments, environment, working folder and open file name the patient.
    fn run_viewer(&mut self) {
        let script = "exec 5>\"$1\"; exec tail -f /dev/null -- \"$1\" \"--title=$2\"";
        let child = self
            .command("/bin/bash")
            .args(["-c", script, TEXT])
            .arg(format!("/home/{TEXT}.pdf"))
            .arg(TEXT)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the viewer starts");
        self.running.push(child);
    }

    /// A script that is called by the patient's name, and listens.
    fn run_script(&mut self) {
        let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
        let child = self
            .command("/home/山田太郎.sh")
            .stdin(Stdio::from(OwnedFd::from(socket)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the script starts");
        self.running.push(child);
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        for child in &mut self.running {
            // One that has ended already is fine.
            let _ = child.kill();
            let _ = child.wait();
        }
        // Its input is closed: it ends, and its mounts with it.
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
    }
}

/// Whether a folder can be laid over another one here.
fn is_possible() -> bool {
    let script = "d=$(mktemp -d) && mount -t tmpfs tmpfs $d && mkdir $d/u $d/w && \
                  mount -t overlay -o lowerdir=/etc,upperdir=$d/u,workdir=$d/w overlay /etc; \
                  code=$?; umount $d 2>/dev/null || umount -l $d; rmdir $d; exit $code";
    let tried = Command::new("unshare")
        .args([
            "--mount",
            "--uts",
            "--propagation",
            "private",
            "sh",
            "-c",
            script,
        ])
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

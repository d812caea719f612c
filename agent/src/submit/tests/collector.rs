//! A tiny collector on the loopback for tests: real TLS, canned answers. Comes in: a CA and what to
//! answer; goes out: a URL and what was heard. It stores nothing.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use daicho_report::{
    AgentId, Base64Bytes, EnrolReply, EnrolRequest, Hash, Reply, Report, ReportKey, Signature,
    Time, TreeHead,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams,
    ExtendedKeyUsagePurpose as Usage, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, version};
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer, PrivateKeyDer};

/// The collector's name for the agent of the tests.
pub(crate) fn agent_id() -> AgentId {
    AgentId::from_random(&[7; 16])
}

pub(crate) struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) der: Vec<u8>,
}

/// A server's certificate with its key.
pub(crate) struct Leaf {
    der: Vec<u8>,
    key: Vec<u8>,
}

impl Ca {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self {
            issuer: Issuer::new(params, key),
            der,
        }
    }

    pub(crate) fn fingerprint(&self) -> Hash {
        Hash::of(&self.der)
    }

    /// A server's certificate for 127.0.0.1, good for now.
    pub(crate) fn leaf(&self) -> Leaf {
        self.leaf_for("127.0.0.1", 2020, 2120)
    }

    pub(crate) fn leaf_for(&self, name: &str, from_year: i32, to_year: i32) -> Leaf {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(from_year, 1, 1);
        params.not_after = date_time_ymd(to_year, 1, 1);
        params.extended_key_usages = vec![Usage::ServerAuth];
        let der = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        Leaf {
            der,
            key: key.serialize_der(),
        }
    }

    /// An agent's certificate for the key of this request, until the beginning of a year.
    pub(crate) fn sign(&self, csr: &[u8], to_year: i32) -> Vec<u8> {
        let der = CertificateSigningRequestDer::from(csr);
        let mut csr = CertificateSigningRequestParams::from_der(&der).unwrap();
        csr.params.not_before = date_time_ymd(2020, 1, 1);
        csr.params.not_after = date_time_ymd(to_year, 1, 1);
        csr.params.extended_key_usages = vec![Usage::ClientAuth];
        csr.signed_by(&self.issuer).unwrap().der().to_vec()
    }
}

/// One request as it was heard.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// Whether the agent showed a certificate of the collector's CA.
    pub(crate) by_certificate: bool,
}

impl Heard {
    pub(crate) fn enrolment(&self) -> EnrolRequest {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn report(&self) -> Report {
        let mut decoder =
            zstd::bulk::Decompressor::with_dictionary(daicho_report::DICTIONARY).unwrap();
        let json = decoder.decompress(&self.body, 16 << 20).unwrap();
        serde_json::from_slice(&json).unwrap()
    }

    pub(crate) fn sequence(&self) -> u64 {
        self.report().open().unwrap().sequence
    }
}

/// Raw bytes of an answer; none: the connection is cut without one.
pub(crate) type Answer = Option<Vec<u8>>;

pub(crate) struct Collector {
    pub(crate) url: String,
    heard: Mutex<Receiver<Heard>>,
}

impl Collector {
    pub(crate) fn start(
        ca: &Ca,
        leaf: &Leaf,
        answer: impl FnMut(&Heard) -> Answer + Send + 'static,
    ) -> Self {
        Self::listen(tls(ca, leaf, &[&version::TLS13]), answer)
    }

    pub(crate) fn start_old_tls(ca: &Ca, leaf: &Leaf) -> Self {
        Self::listen(tls(ca, leaf, &[&version::TLS12]), |_| None)
    }

    fn listen(
        config: Arc<ServerConfig>,
        mut answer: impl FnMut(&Heard) -> Answer + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let (sender, heard) = channel();
        // It ends with the test program.
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let _ = serve(socket, &config, &sender, &mut answer);
            }
        });
        let heard = Mutex::new(heard);
        Self { url, heard }
    }

    /// Everything heard so far, in order.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().try_iter().collect()
    }
}

fn tls(
    ca: &Ca,
    leaf: &Leaf,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(ca.der.clone())).unwrap();
    let clients = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone())
        .allow_unauthenticated()
        .build()
        .unwrap();
    let chain = vec![leaf.der.clone().into(), ca.der.clone().into()];
    let key = PrivateKeyDer::Pkcs8(leaf.key.clone().into());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)
        .unwrap();
    Arc::new(config)
}

fn serve(
    socket: TcpStream,
    config: &Arc<ServerConfig>,
    heard: &Sender<Heard>,
    answer: &mut impl FnMut(&Heard) -> Answer,
) -> std::io::Result<()> {
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    let connection = ServerConnection::new(config.clone()).unwrap();
    let mut stream = StreamOwned::new(connection, socket);
    let request = request(&mut stream)?;
    let answer = answer(&request);
    heard.send(request).unwrap();
    if let Some(bytes) = answer {
        stream.write_all(&bytes)?;
        stream.conn.send_close_notify();
        stream.flush()?;
    }
    Ok(())
}

fn request(stream: &mut StreamOwned<ServerConnection, TcpStream>) -> std::io::Result<Heard> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap();
    let length = length.split("\r\n").next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(Heard {
        path: head.split(' ').nth(1).unwrap().to_owned(),
        head,
        body,
        by_certificate: stream.conn.peer_certificates().is_some(),
    })
}

/// An answer with a status and a JSON body.
pub(crate) fn json<T: serde::Serialize>(status: u16, value: &T) -> Answer {
    raw(status, "", &serde_json::to_vec(value).unwrap())
}

/// An answer of any bytes.
pub(crate) fn raw(status: u16, headers: &str, body: &[u8]) -> Answer {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    Some([head.as_bytes(), body].concat())
}

/// Approves at once.
pub(crate) fn approve(ca: &Ca, heard: &Heard, to_year: i32) -> EnrolReply {
    EnrolReply::Issued {
        agent: agent_id(),
        certificate: Base64Bytes(ca.sign(&heard.enrolment().csr.0, to_year)),
        ca: Base64Bytes(ca.der.clone()),
    }
}

/// What a collector says that stored everything up to this report.
pub(crate) fn stored(acknowledged: u64) -> Reply {
    Reply {
        acknowledged,
        head: head(
            acknowledged,
            acknowledged,
            Time::from_seconds(1_764_000_000),
        ),
        next_report_s: 900,
        send_whole: Vec::new(),
        renewal: None,
    }
}

pub(crate) fn head(size: u64, root: u64, at: Time) -> TreeHead {
    let root = Hash::of(&root.to_be_bytes());
    TreeHead {
        size,
        root,
        at,
        signature: sign(&TreeHead::signed_bytes(size, &root, at)),
    }
}

fn sign(bytes: &[u8]) -> Signature {
    ReportKey::from_secret(&[9; 32]).sign(bytes)
}

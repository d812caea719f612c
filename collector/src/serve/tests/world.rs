//! A site, its server on loopback, and clients of every kind.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use daicho_report::{
    AgentId, Base64Bytes, Cost, EnrolReply, EnrolRequest, Envelope, Goodbye, GoodbyeCause, Hash,
    ReportKey, SignedGoodbye, Time, WIRE_MAJOR, path,
};
use rcgen::{CertificateParams, KeyPair};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::clock::Clock;
use crate::data_folder::DataFolder;
use crate::store::sqlite::SqliteStore;
use crate::store::{Job, Store, StoreError};
use crate::token::{TokenKind, TokenOptions};

/// A client's TLS settings.
pub(super) struct Client(Arc<ClientConfig>);

/// An agent with its certificate.
pub(super) struct Enrolled {
    pub(super) agent: AgentId,
    pub(super) client: Client,
    key: ReportKey,
}

pub(super) struct World {
    pub(super) site: Arc<SiteCollector>,
    pub(super) authority: Arc<Authority>,
    serving: Option<Serving>,
    addresses: (SocketAddr, SocketAddr),
    stop: Option<oneshot::Sender<()>>,
    folder: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(super) fn free() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// The number in the status line.
pub(super) fn status(answer: &str) -> u16 {
    let number = answer.split(' ').nth(1).and_then(|it| it.parse().ok());
    number.unwrap_or(0)
}

pub(super) async fn world() -> World {
    world_with(Limits::default()).await
}

pub(super) async fn world_with(limits: Limits) -> World {
    world_of(Router::new(), limits).await
}

pub(super) async fn world_of(router: Router, limits: Limits) -> World {
    make(router, limits, |store| Arc::new(store)).await
}

/// A store whose commits fail from now on, after one token was made.
/// `says_so` is what it answers when asked whether it failed.
pub(super) async fn world_on_failing_store(says_so: bool) -> World {
    make(Router::new(), Limits::default(), move |store| {
        Arc::new(Failing(store, says_so))
    })
    .await
}

struct Failing(SqliteStore, bool);

impl Store for Failing {
    fn write(&self, _: &mut Job<'_>) -> Result<(), StoreError> {
        Err(StoreError::Fatal("disk".into()))
    }

    fn read(&self, job: &mut Job<'_>) -> Result<(), StoreError> {
        self.0.read(job)
    }

    fn has_failed(&self) -> bool {
        self.1
    }
}

async fn make(
    router: Router,
    limits: Limits,
    wrap: impl FnOnce(SqliteStore) -> Arc<dyn Store>,
) -> World {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("daicho-serve-{}-{number}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    let folder = DataFolder::open(&path, &Clock::System).unwrap();
    let key = folder.log_key().unwrap();
    let store = wrap(SqliteStore::open(&folder.store_path()).unwrap());
    let site = Arc::new(SiteCollector::new(store, key, Clock::System));
    let authority = Arc::new(folder.authority().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let options = ServeOptions {
        agents: free(),
        web: free(),
        names: Vec::new(),
        web_router: router,
        limits,
    };
    let stopped = async move {
        let _ = stopped.await;
    };
    let serving = serve(Arc::clone(&site), Arc::clone(&authority), options, stopped).await;
    let serving = serving.unwrap();
    World {
        site,
        authority,
        addresses: (serving.agents_address, serving.web_address),
        serving: Some(serving),
        stop: Some(stop),
        folder: path,
    }
}

impl World {
    pub(super) fn agents(&self) -> SocketAddr {
        self.addresses.0
    }

    pub(super) fn web(&self) -> SocketAddr {
        self.addresses.1
    }

    pub(super) fn now(&self) -> i64 {
        Clock::System.now().seconds()
    }

    /// Another server over the same site.
    pub(super) async fn start(&self, agents: SocketAddr, web: SocketAddr) -> Result<(), Refused> {
        let options = ServeOptions {
            agents,
            web,
            names: Vec::new(),
            web_router: Router::new(),
            limits: Limits::default(),
        };
        let (site, authority) = (Arc::clone(&self.site), Arc::clone(&self.authority));
        serve(site, authority, options, std::future::pending())
            .await
            .map(drop)
    }

    pub(super) async fn end(mut self) -> Result<(), Refused> {
        let _ = self.stop.take().unwrap().send(());
        self.ended().await
    }

    pub(super) async fn ended(mut self) -> Result<(), Refused> {
        self.serving.take().unwrap().ended().await
    }

    pub(super) fn foreign_authority() -> Authority {
        let key = Authority::new_key().unwrap();
        let der = Authority::new_certificate(&key, Clock::System.now()).unwrap();
        Authority::new(&key, der).unwrap()
    }

    fn client(&self, certificate: Option<(Vec<u8>, KeyPair)>) -> Client {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(self.authority.ca_der().to_vec()))
            .unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots);
        let config = match certificate {
            None => builder.with_no_client_auth(),
            Some((der, key)) => {
                let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
                builder
                    .with_client_auth_cert(vec![CertificateDer::from(der)], key)
                    .unwrap()
            }
        };
        Client(Arc::new(config))
    }

    /// Without a certificate.
    pub(super) fn stranger(&self) -> Client {
        self.client(None)
    }

    /// With a certificate that this CA gave at this time, for a key that nobody knows.
    pub(super) fn client_of(&self, authority: &Authority, at: i64) -> Client {
        let (csr, pair) = signing_request();
        let agent = AgentId::from_random(&[9; 16]);
        let issued = authority
            .sign_agent(&csr, &agent, Time::from_seconds(at))
            .unwrap();
        self.client(Some((issued.der, pair)))
    }

    pub(super) fn enrol_request(&self, auto_approve: bool) -> (EnrolRequest, (KeyPair, ReportKey)) {
        let options = TokenOptions {
            kind: TokenKind::Single,
            ttl_s: 600,
            cidr: None,
            count: 1,
            auto_approve,
            note: String::new(),
        };
        let token = self.site.token_create(&options).unwrap();
        request(token)
    }

    /// An enrolment with a token that does not exist.
    pub(super) fn enrol_body(&self) -> Vec<u8> {
        serde_json::to_vec(&request("none".to_owned()).0).unwrap()
    }

    pub(super) async fn enrol(&self) -> Enrolled {
        let (request, (pair, key)) = self.enrol_request(true);
        let body = serde_json::to_vec(&request).unwrap();
        let answer = self
            .say(&self.stranger(), &sized(path::ENROL, &body))
            .await
            .unwrap();
        assert_eq!(status(&answer), 200, "{answer}");
        let reply = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        let EnrolReply::Issued {
            agent,
            certificate,
            ca,
        } = reply
        else {
            panic!("not issued: {reply:?}")
        };
        assert_eq!(Hash::of(&ca.0), self.authority.fingerprint());
        let client = self.client(Some((certificate.0, pair)));
        Enrolled { agent, client, key }
    }

    pub(super) async fn connect(&self, client: &Client) -> io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.agents()).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::clone(&client.0))
            .connect(name, stream)
            .await
    }

    /// Says this, and gives back everything that comes until the server closes.
    pub(super) async fn say(&self, client: &Client, bytes: &[u8]) -> io::Result<String> {
        let mut stream = self.connect(client).await?;
        stream.write_all(bytes).await?;
        stream.flush().await?;
        read(&mut stream).await
    }

    pub(super) async fn say_plain(&self, to: SocketAddr, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(to).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        read(&mut stream).await.unwrap_or_default()
    }

    pub(super) async fn say_plain_and_close(&self, to: SocketAddr, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(to).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        read(&mut stream).await.unwrap_or_default()
    }
}

/// What came counts even where the end is not clean: the server closes on what it refuses.
async fn read(stream: &mut (impl AsyncReadExt + Unpin)) -> io::Result<String> {
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes).await;
    if bytes.is_empty() {
        ended?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn signing_request() -> (Vec<u8>, KeyPair) {
    let pair = KeyPair::generate().unwrap();
    let csr = CertificateParams::default()
        .serialize_request(&pair)
        .unwrap();
    (csr.der().to_vec(), pair)
}

fn request(token: String) -> (EnrolRequest, (KeyPair, ReportKey)) {
    let (csr, pair) = signing_request();
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).unwrap();
    let key = ReportKey::from_secret(&secret);
    let request = EnrolRequest {
        wire: WIRE_MAJOR,
        token,
        proof: key.sign(&csr),
        csr: Base64Bytes(csr),
        report_key: key.public(),
        host_name: "host".to_owned(),
        agent_version: "0.1.0".to_owned(),
    };
    (request, (pair, key))
}

impl Enrolled {
    /// Its first report, without sections.
    pub(super) fn report(&self) -> Vec<u8> {
        let envelope = Envelope {
            wire: WIRE_MAJOR,
            agent_version: "0.1.0".to_owned(),
            boot_id: "boot-1".to_owned(),
            sequence: 1,
            previous: Hash::ZERO,
            collected_at: Clock::System.now(),
            cost: Cost::default(),
            sections: Vec::new(),
        };
        crate::site::tests::compressed(&envelope.seal(&self.key, Vec::new()).unwrap())
    }

    pub(super) fn goodbye(&self) -> Vec<u8> {
        let goodbye = Goodbye {
            agent: self.agent.clone(),
            boot_id: "boot-1".to_owned(),
            sequence: 1,
            cause: GoodbyeCause::Shutdown,
            at: Clock::System.now(),
        };
        let goodbye = serde_json::value::to_raw_value(&goodbye).unwrap();
        let signature = self.key.sign(goodbye.get().as_bytes());
        serde_json::to_vec(&SignedGoodbye { goodbye, signature }).unwrap()
    }
}

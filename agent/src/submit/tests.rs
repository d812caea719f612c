pub(crate) mod collector;

mod answers;
mod clock;
mod power;
mod work;

use std::sync::Arc;

use daicho_report::Hash;

use self::collector::{Answer, Ca, Collector, Heard, agent_id};
use super::*;
use crate::enrol::{keys, new_identity};
use crate::report::tests::collected;
use crate::spool::SpoolLimit;
use crate::state::tests::Scratch;
use crate::state::{Identity, Issued, StateFolder};

/// An agent of this CA; its certificate ends at the beginning of 2110.
fn identity(ca: &Ca, url: &str) -> Identity {
    let mut identity = new_identity().unwrap();
    let csr = keys::signing_request(&identity.tls_key.0).unwrap();
    identity.server = url.to_owned();
    identity.ca_fingerprint = Hash::of(&ca.der);
    identity.issued = Some(Issued {
        agent: agent_id(),
        certificate: daicho_report::Base64Bytes(ca.sign(&csr, 2110)),
        ca: daicho_report::Base64Bytes(ca.der.clone()),
    });
    identity
}

/// An enrolled agent beside its collector.
struct Bed {
    ca: Arc<Ca>,
    collector: Collector,
    scratch: Scratch,
}

impl Bed {
    fn new(answer: impl FnMut(&Heard) -> Answer + Send + 'static) -> Self {
        Self::with_ca(Arc::new(Ca::new()), answer)
    }

    fn with_ca(ca: Arc<Ca>, answer: impl FnMut(&Heard) -> Answer + Send + 'static) -> Self {
        let collector = Collector::start(&ca, &ca.leaf(), answer);
        let scratch = Scratch::new();
        let folder = StateFolder::create(&scratch.join("state")).unwrap();
        folder
            .save_identity(&identity(&ca, &collector.url))
            .unwrap();
        Self {
            ca,
            collector,
            scratch,
        }
    }

    fn folder(&self) -> StateFolder {
        StateFolder::open(&self.scratch.join("state")).unwrap()
    }

    fn agent(&self) -> Enrolled {
        Enrolled::open(self.folder(), SpoolLimit::default(), None).unwrap()
    }

    fn spooled(&self) -> Vec<u64> {
        let state = self.scratch.join("state");
        let spool = crate::spool::Spool::new(&state, SpoolLimit::default());
        spool.sequences().unwrap()
    }
}

fn keep(agent: &mut Enrolled, note: &str) {
    agent.keep(collected(note, &[1]), "linux").unwrap();
}

//! An enrolled agent at work: collect, spool, send in order, take the answer in. Comes in: the state
//! folder and a source of facts; goes out: reports at the collector. No report is sent before its
//! number is durable, and only the newest one before itself is: where the disk has no room left.

use daicho_report::{
    Envelope, Goodbye, GoodbyeCause, Heartbeat, Renewal, Reply, ReportKey, SectionKind,
    SignedGoodbye,
};

mod keep;
mod once;

use self::once::Once;
use super::failure::CollectError;
use super::reply::{Followup, take_in};
use super::tls::{Floor, own_times};
use super::{Link, Server};
use crate::clock;
use crate::enrol::certificate_fits;
use crate::enrol::keys::not_after;
use crate::report::{ReportError, with_bodies};
use crate::spool::{Spool, SpoolError, SpoolLimit, Spooled, compress};
use crate::state::{HeadNotice, Identity, Issued, Progress, Saved, StateError, StateFolder};

/// What was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// The highest sequence that the collector has.
    pub acknowledged: u64,
    /// Seconds until the next report, if the collector ever said so.
    pub next_report_s: Option<u32>,
}

/// An agent with a certificate.
#[derive(Debug)]
pub struct Enrolled {
    folder: StateFolder,
    identity: Identity,
    issued: Issued,
    key: ReportKey,
    progress: Progress,
    spool: Spool,
    floor: Floor,
    server: Server,
    link: Link,
    boot_id: Option<String>,
    /// The newest report, where the disk has no room for it.
    unkept: Option<Spooled>,
    /// What was told last about the disk and the clock, so that it is told once.
    told: Once,
}

impl Enrolled {
    /// From its state folder; a start after a power cut puts things in order first. A server that is
    /// named goes before the one of the enrolment, under the same CA, and is not remembered.
    pub fn open(
        folder: StateFolder,
        limit: SpoolLimit,
        server: Option<&Server>,
    ) -> Result<Self, CollectError> {
        let identity = folder.identity().map_err(CollectError::State)?;
        let not_enrolled =
            || CollectError::State(StateError::NotEnrolled(folder.path().to_owned()));
        let identity = identity.ok_or_else(not_enrolled)?;
        let issued = identity.issued.clone().ok_or_else(not_enrolled)?;
        let progress = folder.progress().map_err(CollectError::State)?;
        let spool = Spool::new(folder.path(), limit);
        spool
            .remove_after(progress.sequence)
            .and_then(|()| spool.remove_through(progress.acknowledged))
            .map_err(CollectError::Spool)?;
        let head = progress.head.as_ref().map(|head| head.at);
        let floor = Floor::new(head, own_times(&issued));
        let server = match server {
            Some(server) => server.clone(),
            None => Server::parse(&identity.server)
                .map_err(|source| CollectError::Server(source, identity.server.clone()))?,
        };
        let link = open_link(&server, &identity, &issued, &floor)?;
        let key = identity.report_key().ok_or(CollectError::Key)?;
        Ok(Self {
            folder,
            identity,
            issued,
            key,
            progress,
            spool,
            floor,
            server,
            link,
            boot_id: None,
            unkept: None,
            told: Once::default(),
        })
    }

    /// How far the reports have come.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Sends everything that waits, oldest first.
    pub async fn send(&mut self) -> Result<Sent, CollectError> {
        let waiting = match self.spool.sequences() {
            Err(error) if self.unkept.is_none() => return Err(CollectError::Spool(error)),
            waiting => waiting.unwrap_or_default(),
        };
        for sequence in waiting {
            // An earlier answer may have acknowledged it, after an answer that was lost. What never
            // counted must not go: another report will have its number.
            if sequence > self.progress.acknowledged && sequence <= self.progress.sequence {
                self.send_one(sequence).await?;
            }
        }
        if let Some(unkept) = self.unkept.clone() {
            if unkept.sequence > self.progress.acknowledged {
                self.send_spooled(&unkept).await?;
            }
            self.unkept = None;
        }
        Ok(Sent {
            acknowledged: self.progress.acknowledged,
            next_report_s: self.progress.next_report_s,
        })
    }

    async fn send_one(&mut self, sequence: u64) -> Result<(), CollectError> {
        match self.spool.read(sequence) {
            Ok(spooled) => self.send_spooled(&spooled).await,
            Err(error) if error.is_lasting() => {
                let error = crate::message::chain(&error);
                tracing::warn!(stage = "spool", sequence, error, "report set aside");
                self.give_up(sequence)
            }
            Err(error) => Err(CollectError::Spool(error)),
        }
    }

    async fn send_spooled(&mut self, spooled: &Spooled) -> Result<(), CollectError> {
        let sequence = spooled.sequence;
        match self.post(sequence, spooled.compressed.clone()).await? {
            Posted::Stored => Ok(()),
            Posted::Unwanted => self.give_up(sequence),
            Posted::Wanted(kinds) => self.send_again(spooled, &kinds).await,
        }
    }

    /// The same report with the bodies that the collector lacks, once.
    async fn send_again(
        &mut self,
        spooled: &Spooled,
        kinds: &[SectionKind],
    ) -> Result<(), CollectError> {
        let sequence = spooled.sequence;
        let envelope = spooled.report.open().ok();
        let more = envelope.and_then(|it| with_bodies(&spooled.report, &it, kinds, &self.progress));
        let Some(more) = more else {
            tracing::warn!(
                stage = "submit",
                sequence,
                "bodies asked for are gone: report set aside"
            );
            return self.give_up(sequence);
        };
        let compressed =
            compress(&more).map_err(|error| CollectError::Spool(SpoolError::Encode(error)))?;
        match self.post(sequence, compressed).await? {
            Posted::Stored => Ok(()),
            Posted::Unwanted => self.give_up(sequence),
            Posted::Wanted(_) => Err(CollectError::NotStored(sequence)),
        }
    }

    async fn post(&mut self, sequence: u64, compressed: Vec<u8>) -> Result<Posted, CollectError> {
        let reply = match self.link.report(compressed).await {
            Ok(reply) => reply,
            Err(error) => {
                // What is wrong with this one report would keep all later ones back for ever.
                if matches!(error.status(), Some(400 | 413 | 422)) {
                    let error = crate::message::chain(&error);
                    tracing::error!(stage = "submit", sequence, error, "report refused");
                    return Ok(Posted::Unwanted);
                }
                return Err(CollectError::Submit(error));
            }
        };
        let followup = self.take_in(&reply, sequence)?;
        if let Some(renewal) = &reply.renewal {
            self.renew(renewal)?;
        }
        match followup {
            Followup::Stored => Ok(Posted::Stored),
            Followup::Resend(kinds) => Ok(Posted::Wanted(kinds)),
            Followup::Silent => Err(CollectError::NotStored(sequence)),
        }
    }

    fn take_in(&mut self, reply: &Reply, sequence: u64) -> Result<Followup, CollectError> {
        let arrived = self.envelopes_through(reply.acknowledged.min(self.progress.sequence));
        let mut progress = self.progress.clone();
        let (followup, notice) = take_in(reply, sequence, &arrived, &mut progress, clock::now())
            .map_err(CollectError::Reply)?;
        self.log_head(reply, notice);
        // One answer that is not durable is asked for again; a second one would pass the few numbers
        // that the collector still knows by hash.
        self.save(progress)?;
        if let Some(head) = &self.progress.head {
            self.floor.raise(head.at, own_times(&self.issued));
            self.told.clock(self.floor.clock_error());
        }
        if let Err(error) = self.spool.remove_through(self.progress.acknowledged) {
            self.told.disk(&error);
        }
        Ok(followup)
    }

    fn log_head(&self, reply: &Reply, notice: HeadNotice) {
        if notice != HeadNotice::Forward {
            let seen = self.progress.head.as_ref();
            tracing::warn!(
                stage = "submit",
                ?notice,
                seen_size = seen.map(|head| head.size),
                seen_root = seen.map(|head| head.root.to_string()),
                size = reply.head.size,
                root = %reply.head.root,
                "the collector's log does not continue what it showed before"
            );
        }
    }

    /// Envelopes of what waits up to this sequence; damaged files name nothing.
    fn envelopes_through(&self, sequence: u64) -> Vec<Envelope> {
        let unkept = self.unkept.iter().filter(|it| it.sequence <= sequence);
        let unkept = unkept.filter_map(|it| it.report.open().ok());
        let waiting = self.spool.sequences().unwrap_or_default();
        let arrived = waiting.into_iter().filter(|it| *it <= sequence);
        let read = arrived.filter_map(|it| self.spool.read(it).ok());
        let opened = read.filter_map(|it| it.report.open().ok());
        opened.chain(unkept).collect()
    }

    /// A report that will never arrive: set aside, and a gap in the chain.
    fn give_up(&mut self, sequence: u64) -> Result<(), CollectError> {
        let mut progress = self.progress.clone();
        progress.gap();
        self.save(progress)?;
        // The numbers behind it must go on even where it cannot be moved.
        if let Err(error) = self.spool.set_aside(sequence) {
            self.told.disk(&error);
        }
        Ok(())
    }

    fn renew(&mut self, renewal: &Renewal) -> Result<(), CollectError> {
        let new = &renewal.certificate;
        let fits = certificate_fits(
            &new.0,
            &self.issued.ca.0,
            &self.identity.tls_key.0,
            self.floor.now(),
        );
        if let Err(error) = fits {
            let error = crate::message::chain(&error);
            tracing::warn!(stage = "submit", error, "new certificate not taken");
            return Ok(());
        }
        if not_after(&new.0) <= not_after(&self.issued.certificate.0) {
            tracing::warn!(
                stage = "submit",
                "new certificate does not end later: not taken"
            );
            return Ok(());
        }
        let mut issued = self.issued.clone();
        issued.certificate = new.clone();
        let mut identity = self.identity.clone();
        identity.issued = Some(issued.clone());
        let link = open_link(&self.server, &identity, &issued, &self.floor)?;
        match self.folder.save_identity(&identity) {
            Ok(()) => tracing::info!(stage = "submit", "certificate renewed"),
            // The old one is good until the next offer.
            Err(error) => self.told.disk(&error),
        }
        self.identity = identity;
        self.issued = issued;
        self.link = link;
        Ok(())
    }

    fn save(&mut self, progress: Progress) -> Result<Saved, CollectError> {
        let saved = self.folder.save_progress(&progress);
        let saved = saved.map_err(CollectError::State)?;
        if let Saved::Mark(error) = &saved {
            self.told.disk(error);
        }
        self.progress = progress;
        Ok(saved)
    }

    /// Says under which start of the machine the agent speaks, before its first report: signs of life
    /// need not wait for it.
    pub fn started(&mut self, boot_id: String) {
        self.boot_id = Some(boot_id);
    }

    /// Says that the agent is there; before it knows its start there is nothing to say.
    pub async fn heartbeat(&self) -> Result<(), CollectError> {
        let Some(boot_id) = self.boot_id.clone() else {
            return Ok(());
        };
        let heartbeat = Heartbeat {
            boot_id,
            sequence: self.progress.sequence,
        };
        self.link
            .heartbeat(&heartbeat)
            .await
            .map_err(CollectError::Submit)
    }

    /// Says why the agent falls silent; one that has not spoken since its start is silent already.
    pub async fn goodbye(&self, cause: GoodbyeCause) -> Result<(), CollectError> {
        let Some(boot_id) = self.boot_id.clone() else {
            return Ok(());
        };
        let goodbye = Goodbye {
            agent: self.issued.agent.clone(),
            boot_id,
            sequence: self.progress.sequence,
            cause,
            at: clock::now(),
        };
        let encode = |error| CollectError::Report(ReportError::Encode(error));
        let goodbye = serde_json::value::to_raw_value(&goodbye).map_err(encode)?;
        let signature = self.key.sign(goodbye.get().as_bytes());
        self.link
            .goodbye(&SignedGoodbye { goodbye, signature })
            .await
            .map_err(CollectError::Submit)
    }
}

enum Posted {
    Stored,
    /// The collector will never take it.
    Unwanted,
    Wanted(Vec<SectionKind>),
}

fn open_link(
    server: &Server,
    identity: &Identity,
    issued: &Issued,
    floor: &Floor,
) -> Result<Link, CollectError> {
    Link::open(server, identity, issued, floor.clone()).map_err(CollectError::Submit)
}

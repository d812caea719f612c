//! The data folder as the commands open it, and the moment that they ask about.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use daicho_graph::Knowledge;
use daicho_ledger::Ledger;
use daicho_report::Time;

use super::Shared;
use super::say::{Lang, say_error};
use crate::as_of;
use crate::clock::Clock;
use crate::config::Config;
use crate::data_folder::{DataFolder, Lock};
use crate::picture::Picture;
use crate::refusal::Refused;
use crate::signatures;
use crate::site::SiteCollector;
use crate::store::Store;
use crate::store::sqlite::SqliteStore;
use crate::web::Page;

/// `--as-of`, on every command that reads.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Moment {
    /// この時点までに受け取った内容で答える（RFC 3339、または日付＝その日の終わり） /
    /// answer with what had been received by then (RFC 3339, or a date = the end of that day)
    #[arg(long, value_name = "T")]
    as_of: Option<String>,
}

impl Moment {
    /// What was asked for, if anything.
    pub(super) fn asked(&self) -> Option<&str> {
        self.as_of.as_deref()
    }

    /// A moment that another option named.
    pub(super) fn at(as_of: String) -> Self {
        Self { as_of: Some(as_of) }
    }
}

/// An open data folder.
pub(super) struct Opened {
    pub(super) folder: DataFolder,
    pub(super) config: Config,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Clock,
}

/// Opens for reading: the server may go on running.
pub(super) fn for_reading(shared: &Shared) -> anyhow::Result<Opened> {
    let folder = DataFolder::open_existing(&shared.data)?;
    let config = Config::load(&folder)?;
    let store = SqliteStore::open_read_only(&folder.store_path())
        .with_context(|| format!("open the store in `{}`", shared.data.display()))?;
    Ok(Opened {
        folder,
        config,
        store: Arc::new(store),
        clock: Clock::System,
    })
}

/// Opens or creates for writing; the lock is held as long as it lives.
pub(super) fn for_writing(shared: &Shared) -> anyhow::Result<(Opened, Lock)> {
    let folder = DataFolder::open(&shared.data, &Clock::System)?;
    let lock = folder.lock()?;
    Ok((writable(folder)?, lock))
}

/// Opens or creates for a short change beside a running server: the store serialises the writers.
pub(super) fn beside_the_server(shared: &Shared) -> anyhow::Result<Opened> {
    writable(DataFolder::open(&shared.data, &Clock::System)?)
}

fn writable(folder: DataFolder) -> anyhow::Result<Opened> {
    let config = Config::load(&folder)?;
    let store = SqliteStore::open(&folder.store_path())
        .with_context(|| format!("open the store in `{}`", folder.path().display()))?;
    Ok(Opened {
        folder,
        config,
        store: Arc::new(store),
        clock: Clock::System,
    })
}

impl Opened {
    /// What the web page is made from.
    pub(super) fn page(&self, lang: Lang) -> anyhow::Result<Page> {
        Ok(Page {
            store: Arc::clone(&self.store),
            site: self.config.site.clone(),
            knowledge: Arc::new(self.knowledge()?),
            lang,
        })
    }

    /// What the signature files know: the shipped ones and those in the data folder.
    pub(super) fn knowledge(&self) -> anyhow::Result<Knowledge> {
        Ok(signatures::read(&signatures::folder(self.folder.path()))?)
    }

    /// The collector over this folder.
    pub(super) fn site_collector(&self) -> anyhow::Result<SiteCollector> {
        let key = self.folder.log_key()?;
        let mut site = SiteCollector::new(Arc::clone(&self.store), key, self.clock.clone());
        site.next_report_s = self.config.agents.next_report_s;
        Ok(site)
    }

    /// The moment asked about; without `--as-of` the newest receipt in the store, so that the same
    /// facts give the same bytes whenever they are written.
    pub(super) fn moment(&self, as_of: Option<&str>) -> anyhow::Result<Time> {
        match as_of {
            Some(text) => as_of::parse(text, &self.config.site.time_zone)
                .map_err(|error| Refused::new("CLI-001", error.to_string()).into()),
            None => Ok(self.store.newest_receipt()?.unwrap_or(Time::EPOCH)),
        }
    }

    /// The site at the moment.
    pub(super) fn picture(&self, moment: &Moment) -> anyhow::Result<Picture> {
        let as_of = self.moment(moment.as_of.as_deref())?;
        let knowledge = self.knowledge()?;
        let site = self.config.site.at(as_of);
        let picture =
            Picture::at(self.store.as_ref(), site, as_of, &knowledge).context("read the store")?;
        if picture.ledger.period.is_none() {
            return Err(Refused::new("CLI-002", as_of.to_string()).into());
        }
        Ok(picture)
    }

    /// The site at an earlier moment; `None`: nothing had been received by then.
    pub(super) fn earlier(&self, at: Time) -> anyhow::Result<Option<Picture>> {
        let nothing = |it: &Refused| it.code == "CLI-002";
        match self.picture(&Moment::at(at.to_string())) {
            Err(error) if error.downcast_ref().is_some_and(nothing) => Ok(None),
            other => other.map(Some),
        }
    }

    /// The moment that `--as-of` says.
    pub(super) fn moment_of(&self, moment: &Moment) -> anyhow::Result<Time> {
        self.moment(moment.as_of.as_deref())
    }

    /// Says so when the newest data is old; only where the present was asked about.
    pub(super) fn warn_if_old(&self, ledger: &Ledger, moment: &Moment, lang: Lang) {
        let newest = ledger.period.map_or(Time::EPOCH, |(_, newest)| newest);
        self.warn_if_older(newest, moment, lang);
    }

    /// The same, of the newest report.
    pub(super) fn warn_if_older(&self, newest: Time, moment: &Moment, lang: Lang) {
        let age_s = self.clock.now().seconds().saturating_sub(newest.seconds());
        if moment.as_of.is_none() && age_s > 24 * 60 * 60 {
            say_error(&format!(
                "{} {newest}",
                lang.pick(
                    "注意：24時間以上、報告を受け取っていません。最後の受信：",
                    "note: nothing received for more than 24 hours; last receipt:"
                )
            ));
        }
    }

    /// A path in `out/`.
    pub(super) fn out(&self, name: &str) -> PathBuf {
        self.folder.out().join(name)
    }
}

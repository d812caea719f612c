//! The rules by which data answer an item. Comes in: the census and what people keep; goes out: what
//! supports the item, what contradicts it, and what is open, each by name. A device that could not be
//! asked is open, never in order.

mod machine;
mod organisation;
mod record;

use std::collections::BTreeMap;

use daicho_report::Time;

use super::census::{Census, Thing};
use super::days;
use super::form::{Item, Sheet};
use super::settle::{Named, Proof};
use crate::asset::{AgentAsset, AssetId};
use crate::finding::is_silent;
use crate::hand::answer::{Record, Register};

/// What a rule is asked.
pub(super) struct Ask<'a> {
    pub(super) census: &'a Census<'a>,
    pub(super) item: &'a Item,
    pub(super) sheet: Sheet,
    /// The vendor whose sheet it is.
    pub(super) vendor: Option<&'a str>,
    /// The form's own name.
    pub(super) form: &'a str,
    /// The day of the question, at the site.
    pub(super) today: String,
    pub(super) agents: &'a BTreeMap<&'a AssetId, &'a AgentAsset>,
}

type Rule = fn(&Ask<'_>) -> Proof;

/// All rules by their names, as forms write them.
pub(super) const RULES: &[(&str, Rule)] = &[
    ("access_log", machine::access_log),
    ("accounts", machine::accounts),
    ("admin_rights", machine::admin_rights),
    ("backup", organisation::backup),
    ("contact_chart", record::contact_chart),
    ("containment", organisation::containment),
    ("diagram_kept", organisation::diagram_kept),
    ("disclosure", record::disclosure),
    ("document", record::document),
    ("information_gathering", record::information_gathering),
    ("ledger_kept", organisation::ledger_kept),
    ("none", record::none),
    ("password_policy", machine::password_policy),
    ("password_reuse", machine::password_reuse),
    ("patched", machine::patched),
    (
        "remote_maintenance_asked",
        organisation::remote_maintenance_asked,
    ),
    ("responsible_named", organisation::responsible_named),
    ("restore_order", organisation::restore_order),
    ("roles_of_vendors", organisation::roles_of_vendors),
    ("services", machine::services),
    ("source_limit", organisation::source_limit),
    ("stop_effect", organisation::stop_effect),
    ("systems_present", organisation::systems_present),
    ("training", record::training),
    ("two_factor", record::none),
    ("usb_storage", machine::usb_storage),
    ("vendor_contacts", organisation::vendor_contacts),
    ("vendors_known", organisation::vendors_known),
];

/// Names of all rules, sorted.
pub fn rule_names() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|it| it.0)
}

/// What the data say of an item.
pub(super) fn ask(ask: &Ask<'_>) -> Proof {
    let rule = RULES.iter().find(|it| it.0 == ask.item.rule);
    rule.map_or_else(Proof::default, |it| (it.1)(ask))
}

/// Something that a rule says of one thing.
enum Word {
    Supports(String, String),
    Contradicts(String, String),
    Open(String, String),
}

impl Ask<'_> {
    /// Asks each device of the item's scope that is still there.
    fn each(&self, judge: impl Fn(&Thing, Option<&AgentAsset>) -> Word) -> Proof {
        let mut proof = Proof::default();
        for thing in self
            .census
            .within(&self.item.scope)
            .filter(|it| it.is_kept())
        {
            let agent = thing
                .asset
                .as_ref()
                .and_then(|id| self.agents.get(id))
                .copied();
            proof.say(&thing.name, judge(thing, agent));
            if let Some(agent) = agent {
                proof.saw(agent.presence.last_at);
            }
        }
        proof.sorted()
    }

    /// Asks each machine; a device without an agent is open. `read`: section and field of what is judged.
    fn each_machine(
        &self,
        read: &[(&str, &str)],
        judge: impl Fn(&Thing, &AgentAsset) -> Word,
    ) -> Proof {
        self.each(|thing, agent| match agent {
            Some(agent) => self.today_alone(agent, read, judge(thing, agent)),
            None => Word::no_agent(),
        })
    }

    /// What was true once proves nothing of today: of a machine that has fallen silent, and of a value
    /// that the newest reading could not confirm.
    fn today_alone(&self, agent: &AgentAsset, read: &[(&str, &str)], word: Word) -> Word {
        let Word::Supports(..) = word else {
            return word;
        };
        if is_silent(self.census.ledger, agent) {
            return Word::silent();
        }
        let stale = read
            .iter()
            .any(|(section, field)| agent.stale_field(section, field).is_some());
        match stale {
            true => Word::open(
                "前回値のみ（今回は取得できず）",
                "an older value; it could not be read anew",
            ),
            false => word,
        }
    }

    /// Records of a register, the newest first.
    fn records(&self, register: Register) -> Vec<&Record> {
        let hand = &self.census.ledger.hand;
        let mut all: Vec<&Record> = hand
            .records()
            .map(|(_, record)| record)
            .filter(|it| it.register == register)
            .collect();
        all.sort_by(|a, b| b.on.cmp(&a.on));
        all
    }

    /// How many days ago a day was.
    fn age(&self, on: &str) -> Option<i64> {
        days::between(on, &self.today)
    }
}

impl Word {
    fn supports(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Supports(ja.into(), en.into())
    }

    fn contradicts(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Contradicts(ja.into(), en.into())
    }

    fn open(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Open(ja.into(), en.into())
    }

    fn no_agent() -> Self {
        Self::open("エージェントなし（取得できない）", "no agent to ask")
    }

    fn silent() -> Self {
        Self::open("報告が途絶えている", "its reports have stopped")
    }

    /// What could not be asked, and why.
    fn unknown<T>(reading: &daicho_report::Reading<T>) -> Self {
        use crate::text::{Lang, reason};
        let why = |lang| match reading.reason() {
            Some(it) => reason(it, lang),
            None => reason(&daicho_report::Reason::NotAsked, lang),
        };
        Self::Open(
            format!("未確認（{}）", why(Lang::Ja)),
            format!("unknown ({})", why(Lang::En)),
        )
    }
}

impl Proof {
    fn say(&mut self, name: &str, word: Word) {
        let (into, ja, en) = match word {
            Word::Supports(ja, en) => (&mut self.supports, ja, en),
            Word::Contradicts(ja, en) => (&mut self.contradicts, ja, en),
            Word::Open(ja, en) => (&mut self.open, ja, en),
        };
        into.push(Named {
            name: name.to_owned(),
            ja,
            en,
        });
    }

    /// Data of this moment were used.
    fn saw(&mut self, at: Time) {
        self.data = Some(match self.data {
            None => (at, at),
            Some((first, last)) => (first.min(at), last.max(at)),
        });
    }

    fn sorted(mut self) -> Self {
        for list in [&mut self.supports, &mut self.contradicts, &mut self.open] {
            list.sort();
            list.dedup();
        }
        self
    }
}

//! `agents`: who is enrolled, who waits, and a person's yes or no.

use daicho_report::AgentId;

use super::open;
use super::say::{Lang, say};
use super::{Outcome, Shared};
use crate::refusal::Refused;
use crate::store::{AgentRow, Standing};

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector agents
  daicho-collector agents --approve a-0123456789abcdef0123456789abcdef
  daicho-collector agents --deny a-0123456789abcdef0123456789abcdef --why 廃棄";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 登録を承認する / approve an enrolment
    #[arg(long, value_name = "AGENT", conflicts_with = "deny")]
    approve: Option<String>,
    /// 拒否する（次の接続から断る） / deny; refused at its next request
    #[arg(long, value_name = "AGENT", requires = "why")]
    deny: Option<String>,
    /// 拒否の理由。記録に残る / why it is denied; kept in the log
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// この時点の登録の状況（RFC 3339、または日付＝その日の終わり） / as they stood then
    #[arg(long, value_name = "T", conflicts_with_all = ["approve", "deny"])]
    as_of: Option<String>,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let opened = open::beside_the_server(shared)?;
    let site = opened.site_collector()?;
    if let Some(text) = &arguments.approve {
        site.approve(&id(text)?)?;
    }
    if let Some(text) = &arguments.deny {
        site.deny(&id(text)?, arguments.why.as_deref().unwrap_or_default())?;
    }
    let rows = match &arguments.as_of {
        Some(_) => site.agents_as_of(opened.moment(arguments.as_of.as_deref())?)?,
        None => site.agents()?,
    };
    if shared.json {
        say(&serde_json::to_string_pretty(&rows)?)?;
        return Ok(Outcome::Done);
    }
    if rows.is_empty() {
        say(shared.lang.pick(
            "登録されたエージェントはまだありません。daicho-collector token でトークンを作ってください。",
            "no agent is enrolled yet; make a token with `daicho-collector token`",
        ))?;
    }
    for row in &rows {
        say(&line(row, shared.lang))?;
    }
    Ok(Outcome::Done)
}

fn id(text: &str) -> Result<AgentId, Refused> {
    AgentId::parse(text).ok_or_else(|| Refused::new("CLI-003", text))
}

fn line(row: &AgentRow, lang: Lang) -> String {
    let standing = match row.standing {
        Standing::Pending => lang.pick("承認待ち", "pending"),
        Standing::Approved => lang.pick("承認済み", "approved"),
        Standing::Denied => lang.pick("拒否", "denied"),
    };
    format!(
        "{}　{}　{}　{}",
        row.agent, standing, row.enrolled_at, row.host_name
    )
}

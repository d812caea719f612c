//! `token`: one enrolment token, printed once and kept as a hash only.

use super::open;
use super::say::{say, say_error};
use super::{Outcome, Shared};
use crate::token::{TokenKind, TokenOptions, token_text};

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector token                        一台用、24 時間 / one machine, 24 hours
  daicho-collector token --rollout --hours 720 --count 300 --cidr 10.1.0.0/16
                                                配布用。登録は承認待ちに入る / for a roll-out; enrolments wait
                                                for approval

トークンは一度だけ表示します。使い方 / The token is shown once. Use:
  daicho-agent enroll --server https://収集サーバ:9443 --token-file token.txt";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 配布用（複数台、承認待ちに入る） / for a roll-out: many machines, each waits for approval
    #[arg(long)]
    rollout: bool,
    /// 有効な時間（一台用は 24 まで、配布用は 2160 まで） / hours it is valid (24 at most, roll-out 2160)
    #[arg(long, value_name = "N", default_value_t = 24)]
    hours: u32,
    /// 使える台数（配布用） / how many machines may use it (roll-out)
    #[arg(long, value_name = "N", requires = "rollout", default_value_t = 50)]
    count: u32,
    /// この範囲のアドレスからだけ使える / usable from these addresses only
    #[arg(long, value_name = "CIDR")]
    cidr: Option<String>,
    /// 承認を待たずに証明書を出す（一台用だけ） / issue without waiting for approval (one machine only)
    #[arg(long, conflicts_with = "rollout")]
    approve: bool,
    /// 何のためか / what it is for
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let opened = open::beside_the_server(shared)?;
    let authority = opened.folder.authority()?;
    let options = TokenOptions {
        kind: if arguments.rollout {
            TokenKind::Rollout
        } else {
            TokenKind::Single
        },
        ttl_s: i64::from(arguments.hours) * 3600,
        cidr: arguments.cidr.clone(),
        count: if arguments.rollout {
            arguments.count
        } else {
            1
        },
        auto_approve: arguments.approve,
        note: arguments.note.clone(),
    };
    let secret = opened.site_collector()?.token_create(&options)?;
    let text = token_text(&secret, &authority.fingerprint());
    say(&text)?;
    say_error(shared.lang.pick(
        "このトークンは二度と表示しません。人に見えない方法で渡してください。",
        "this token is not shown again; hand it over out of sight of others",
    ));
    Ok(Outcome::Done)
}

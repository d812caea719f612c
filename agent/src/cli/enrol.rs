//! `enroll`.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use daicho_agent::clock;
use daicho_agent::collect::host_name;
use daicho_agent::enrol::{Standing, Token, ask, begin};
use daicho_agent::message::{Exit, Failure, Lang, Told};
use daicho_agent::platform::Source;
use daicho_agent::state::StateFolder;

use super::Out;
use super::run::runtime;

/// Options of `enroll`.
#[derive(Debug, Args)]
pub(super) struct EnrolArgs {
    /// 収集サーバ（https://ホスト名:ポート） / the collector
    #[arg(long, value_name = "URL")]
    server: String,
    #[command(flatten)]
    token: TokenArgs,
}

/// Where the token comes from.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct TokenArgs {
    /// 登録トークン。- は標準入力。プロセス一覧に見えるため --token-file を勧める / enrolment token, - for
    /// stdin; it shows in the process list, --token-file does not
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// 登録トークンを書いたファイル / file that holds the token
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl std::fmt::Debug for TokenArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenArgs")
            .field("token_file", &self.token_file)
            .finish_non_exhaustive()
    }
}

/// The token's text is longer than any token.
const TOKEN_BYTES_MAX: u64 = 4_096;

#[derive(Debug, thiserror::Error)]
#[error("read the token from `{from}`")]
struct TokenFileError {
    from: String,
    #[source]
    source: io::Error,
}

impl Told for TokenFileError {
    fn code(&self) -> &'static str {
        "AGT-031"
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn detail(&self, _lang: Lang) -> String {
        self.from.clone()
    }
}

impl TokenArgs {
    fn read(&self) -> Result<Token, Failure> {
        let text = match (&self.token, &self.token_file) {
            (Some(text), _) if text != "-" => text.clone(),
            (_, Some(path)) => {
                let from = path.display().to_string();
                let file = std::fs::File::open(path);
                bounded(file, from)?
            }
            _ => bounded(Ok(io::stdin()), "stdin".to_owned())?,
        };
        Ok(Token::parse(&text)?)
    }
}

fn bounded<R: Read>(reader: io::Result<R>, from: String) -> Result<String, Failure> {
    let mut text = String::new();
    let read = reader.and_then(|it| it.take(TOKEN_BYTES_MAX).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(text),
        Err(source) => Err(TokenFileError { from, source }.into()),
    }
}

pub(super) fn enrol(args: &EnrolArgs, state: &Path, out: &Out) -> Result<Exit, Failure> {
    let token = args.token.read()?;
    // The URL is checked before a folder is made.
    daicho_agent::submit::Server::parse(&args.server)
        .map_err(|error| daicho_agent::enrol::EnrolError::Server(error, args.server.clone()))?;
    let folder = StateFolder::create(state)?;
    let identity = begin(&folder, &args.server, &token)?;
    let host_name = host_name(&Source::live());
    let host_name = host_name.unwrap_or_default();
    let asked = runtime()?.block_on(ask(&folder, identity, &host_name, clock::now()))?;
    match asked {
        Standing::Issued(identity) => {
            let agent = identity.issued.map(|it| it.agent.to_string());
            out.say("enrolled", &agent.unwrap_or_default());
            Ok(Exit::Done)
        }
        Standing::Pending { retry_after_s } => {
            out.say("AGT-015", &retry_after_s.to_string());
            Ok(Exit::Incomplete)
        }
    }
}

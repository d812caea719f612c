//! How many reports a second one core of the collector takes. Comes in: the shipped collector over real
//! TLS, and made-up machines whose reports are made and sent by the agent's own code; goes out: the
//! server's processor time a report, beside the limits of this machine measured in the same run.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::time::Instant;

use anyhow::Context;
use daicho_agent::enrol::{EnrolError, Standing, Token, ask, begin};
use daicho_agent::state::{Identity, StateFolder};
use daicho_agent::submit::{Floor, Link, Server as Address};
use daicho_report::Time;
use daicho_tests::Folder;

use crate::churn::{Machine, Told};
use crate::ground::Ground;
use crate::limits::{HttpLimits, Limits};
use crate::options::Options;
use crate::page::{Bound, Page, number};
use crate::reporter::{Hour, Reporter};
use crate::server::Server;
use crate::spent::cpu_of;

/// Machines that report at the same time, each over a connection of its own.
const MACHINES: u64 = 16;
/// Shares of the limit that are aimed at.
const AIM: f64 = 70.0;

/// A machine that is enrolled.
struct Client {
    reporter: Reporter,
    identity: Identity,
    server: Address,
    link: Link,
}

/// A kind of load.
struct Load {
    name: &'static str,
    hour: Hour,
    /// Reports of each machine.
    reports: usize,
    /// Each report over a new connection.
    anew: bool,
}

const LOADS: [Load; 4] = [
    Load {
        name: "毎時の変化 / hourly changes",
        hour: Hour::Busy,
        reports: 400,
        anew: false,
    },
    Load {
        name: "変化なし / nothing changed",
        hour: Hour::Quiet,
        reports: 400,
        anew: false,
    },
    Load {
        name: "全部を送る / everything travels",
        hour: Hour::Whole,
        reports: 100,
        anew: false,
    },
    Load {
        name: "毎時の変化、毎回新しい接続 / hourly changes, each over a new connection",
        hour: Hour::Busy,
        reports: 50,
        anew: true,
    },
];

/// What a load cost.
struct Cost {
    load: &'static Load,
    /// Microseconds of the server's processor time a report.
    cpu_us: f64,
    /// Reports a second on the clock.
    rate: f64,
    body: f64,
}

/// Measures and judges.
pub(crate) fn run(ground: &Ground, options: &Options, page: &mut Page) -> anyhow::Result<()> {
    let limits = Limits::new();
    let limits = match &limits {
        Ok(limits) => {
            let history = limits.history(12, options.days.min(30))?;
            Some((limits.http()?, history.cpu))
        }
        Err(reason) => {
            page.skipped("限界値 / limits of this machine", reason);
            None
        }
    };
    let folder = Folder::new("bench-ingest");
    let server = Server::start(ground, &folder.join("data"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("start the clients")?;
    let costs = runtime.block_on(async {
        let mut clients = enrolled(&server, &folder).await?;
        let mut costs = Vec::new();
        for load in &LOADS {
            eprintln!("  … {}", load.name);
            costs.push(take(&server, &mut clients, load).await?);
        }
        anyhow::Ok(costs)
    })?;
    judge(&costs, limits, page);
    Ok(())
}

async fn enrolled(server: &Server, folder: &Folder) -> anyhow::Result<Vec<Client>> {
    let url = format!("https://{}", server.agents);
    let now = daicho_agent::clock::now();
    let mut clients = Vec::new();
    for index in 0..MACHINES {
        let state = StateFolder::create(&folder.join(&format!("state-{index}")))?;
        let token = Token::parse(&server.token()?)?;
        let begun = begin(&state, &url, &token)?;
        let identity = until_admitted(&state, begun, now).await?;
        let address = Address::parse(&url)?;
        let key = identity.report_key().context("read the report key")?;
        let machine = Machine::new(1000 + index, Told::Running);
        clients.push(Client {
            reporter: Reporter::new(machine, key, now.seconds()),
            link: open(&address, &identity)?,
            identity,
            server: address,
        });
    }
    Ok(clients)
}

/// The collector admits few enrolments a second.
async fn until_admitted(
    state: &StateFolder,
    begun: Identity,
    now: Time,
) -> anyhow::Result<Identity> {
    loop {
        match ask(state, begun.clone(), "bench", now).await {
            Ok(Standing::Issued(identity)) => return Ok(*identity),
            Ok(Standing::Pending { .. }) => anyhow::bail!("a token without a person is pending"),
            Err(EnrolError::Submit(error)) if error.status() == Some(429) => {
                tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn open(server: &Address, identity: &Identity) -> anyhow::Result<Link> {
    let issued = identity.issued.as_ref().context("find the certificate")?;
    Ok(Link::open(
        server,
        identity,
        issued,
        Floor::new(None, None),
    )?)
}

/// Makes the reports first, so that the server's time alone is measured; then sends them.
async fn take(
    server: &Server,
    clients: &mut Vec<Client>,
    load: &'static Load,
) -> anyhow::Result<Cost> {
    let (mut bytes, mut queues) = (0, Vec::new());
    for client in &mut *clients {
        let mut queue = VecDeque::new();
        for _ in 0..load.reports {
            let (body, envelope) = client.reporter.next(load.hour)?;
            client.reporter.acknowledged(&envelope);
            bytes += body.len();
            queue.push_back((envelope.sequence, body));
        }
        queues.push(queue);
    }
    let count = load.reports * clients.len();
    let (before, start) = (cpu_of(server.process())?, Instant::now());
    let local = tokio::task::LocalSet::new();
    let taken = std::mem::take(clients);
    let tasks: Vec<_> = taken
        .into_iter()
        .zip(queues)
        .map(|(client, queue)| local.spawn_local(send(client, queue, load.anew)))
        .collect();
    local.await;
    for task in tasks {
        clients.push(task.await.context("send")??);
    }
    let wall = start.elapsed().as_secs_f64();
    let cpu = cpu_of(server.process())?.saturating_sub(before);
    Ok(Cost {
        load,
        cpu_us: cpu.as_secs_f64() * 1e6 / count as f64,
        rate: count as f64 / wall,
        body: bytes as f64 / count as f64,
    })
}

async fn send(
    mut client: Client,
    queue: VecDeque<(u64, Vec<u8>)>,
    anew: bool,
) -> anyhow::Result<Client> {
    for (sequence, body) in queue {
        if anew {
            client.link = open(&client.server, &client.identity)?;
        }
        let reply = client.link.report(body).await?;
        anyhow::ensure!(
            reply.acknowledged == sequence,
            "report {sequence} is not stored"
        );
    }
    Ok(client)
}

/// What a load is held against: the same facts, sent and stored in the cheapest way that the limits
/// know. They check no signature, seal no row and keep no log.
fn limit(load: &Load, limits: Option<(HttpLimits, f64)>) -> Option<f64> {
    let (http, history) = limits?;
    Some(match load.hour {
        Hour::Quiet => http.digest,
        _ if load.anew => http.new_connection + history,
        Hour::Busy | Hour::Whole => http.whole + history,
    })
}

fn judge(costs: &[Cost], limits: Option<(HttpLimits, f64)>, page: &mut Page) {
    let mut text = format!(
        "## 受付 / Ingest\n\n{MACHINES} 台が同時に、本物の TLS（双方の証明書）で。受付側の CPU だけを数える / {MACHINES} \
         machines at a time over real mutual TLS; the server's CPU alone is counted. 限界値は署名の検査・封印・\
         記録の木を含まない / the limits check no signature, seal no row and keep no log\n\n\
         | | µs CPU a report | reports/s/core | reports/s here | mean body B | limit µs | share |\n\
         |---|---:|---:|---:|---:|---:|---:|\n"
    );
    for cost in costs {
        let name = cost.load.name;
        let per_core = 1e6 / cost.cpu_us;
        let limit = limit(cost.load, limits);
        let share = limit.map(|limit| limit / cost.cpu_us * 100.0);
        page.shown(
            &format!("受付 / ingest, {name}"),
            per_core,
            "reports/s/core",
        );
        if let (Some(share), Hour::Busy) = (share, cost.load.hour) {
            let measure = format!("受付、限界値に対して / ingest, share of the limit, {name}");
            page.judged(&measure, share, "%", Bound::AtLeast(AIM));
        }
        let or_skip = |value: Option<f64>| value.map_or("SKIP".to_owned(), number);
        // Writing into a text cannot fail.
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} | {} % |",
            number(cost.cpu_us),
            number(per_core),
            number(cost.rate),
            number(cost.body),
            or_skip(limit),
            or_skip(share),
        );
    }
    page.detail(text);
}

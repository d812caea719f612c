//! The first page: the ledger's lists and the diagram, for a browser on this machine. Comes in: a
//! request that reads; goes out: HTML, SVG, CSV or a workbook of the moment asked about. It changes
//! nothing, and needs no script.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Router, body::Body};
use daicho_graph::Knowledge;
use daicho_graph::list::{Basis, List, columns, rows};
use daicho_ledger::{State as CellState, text};
use daicho_report::Time;
use serde::Deserialize;

use crate::as_of;
use crate::config;
use crate::export;
use crate::lang::Lang;
use crate::picture::Picture;
use crate::refusal::Refused;
use crate::store::Store;

/// More rows of a list than this are left to the workbook: a page must open at once.
const ROWS_MAX: usize = 500;
/// Lists on the page, in this order; the workbook holds all.
const LISTS: [List; 8] = [
    List::Findings,
    List::Points,
    List::Systems,
    List::Segments,
    List::Remote,
    List::Devices,
    List::Network,
    List::Unknowns,
];
const STYLE: &str = include_str!("web/style.css");

/// What the page is made from.
#[derive(Clone)]
pub struct Page {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The site's name and time zone.
    pub site: config::Site,
    /// What the signature files know.
    pub knowledge: Arc<Knowledge>,
    /// The language when the address names none.
    pub lang: Lang,
}

/// What an address may ask.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    lang: Option<Lang>,
    as_of: Option<String>,
}

/// The routes.
pub fn router(page: Page) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/diagram.svg", get(diagram))
        .route("/ledger.csv", get(csv))
        .route("/ledger.xlsx", get(workbook))
        .route("/style.css", get(style))
        .with_state(page)
}

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
enum WebError {
    #[error("read the store")]
    Store(#[from] crate::store::StoreError),
    #[error("answer: {0}")]
    Refused(#[from] Refused),
    #[error("export the ledger")]
    Export(#[from] export::ExportError),
    #[error("write the page")]
    Page(#[from] askama::Error),
    #[error("finish the work of a request")]
    Stopped(#[from] tokio::task::JoinError),
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        if let Self::Refused(refused) = &self {
            let refusal = refused.refusal();
            let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::BAD_REQUEST);
            let body = format!("{} {}\n{}\n", refusal.code, refusal.ja, refusal.en);
            return (status, body).into_response();
        }
        let error: &dyn std::error::Error = &self;
        tracing::error!(stage = "web", error);
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            "失敗しました。サーバのログを見てください。\nfailed; see the server's log\n",
        )
            .into_response()
    }
}

/// Reads and draws away from the threads that wait for the network.
async fn answer<T: Send + 'static>(
    page: Page,
    asked: Asked,
    work: impl FnOnce(Picture, Lang) -> Result<T, WebError> + Send + 'static,
) -> Result<T, WebError> {
    tokio::task::spawn_blocking(move || {
        let lang = asked.lang.unwrap_or(page.lang);
        let as_of = match &asked.as_of {
            Some(text) if !text.is_empty() => as_of::parse(text, &page.site.time_zone)
                .map_err(|error| Refused::new("CLI-001", error.to_string()))?,
            _ => page.store.newest_receipt()?.unwrap_or(Time::EPOCH),
        };
        work(
            Picture::at(
                page.store.as_ref(),
                page.site.at(as_of),
                as_of,
                &page.knowledge,
            )?,
            lang,
        )
    })
    .await?
}

type Asking = Result<Query<Asked>, axum::extract::rejection::QueryRejection>;

/// An address that asks for something else is refused, not guessed at.
fn asked(query: Asking) -> Result<Asked, WebError> {
    match query {
        Ok(Query(asked)) => Ok(asked),
        Err(error) => Err(Refused::new("WEB-001", error.body_text()).into()),
    }
}

async fn index(State(page): State<Page>, query: Asking) -> Result<Response, WebError> {
    let asked = asked(query)?;
    let moment = asked.as_of.clone().unwrap_or_default();
    let html = answer(page, asked, move |picture, lang| {
        Ok(IndexPage::new(picture.basis(), lang, moment).render()?)
    });
    Ok(Html(html.await?).into_response())
}

fn file(kind: &'static str, bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, kind)], Body::from(bytes)).into_response()
}

async fn diagram(State(page): State<Page>, query: Asking) -> Result<Response, WebError> {
    let svg = answer(page, asked(query)?, |picture, lang| {
        Ok(picture.svg(lang.into()))
    });
    Ok(file("image/svg+xml", svg.await?.into_bytes()))
}

async fn csv(State(page): State<Page>, query: Asking) -> Result<Response, WebError> {
    let bytes = answer(page, asked(query)?, |picture, lang| {
        Ok(export::csv::bytes(
            picture.basis(),
            List::Devices,
            lang.into(),
            export::Options::default(),
        )?)
    });
    Ok(file("text/csv; charset=utf-8", bytes.await?))
}

async fn workbook(State(page): State<Page>, query: Asking) -> Result<Response, WebError> {
    let bytes = answer(page, asked(query)?, |picture, lang| {
        Ok(export::xlsx::bytes(
            picture.basis(),
            lang.into(),
            export::Options::default(),
        )?)
    });
    Ok(file(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        bytes.await?,
    ))
}

async fn style() -> Response {
    file("text/css; charset=utf-8", STYLE.as_bytes().to_vec())
}

#[derive(Template)]
#[template(path = "page.html")]
struct IndexPage {
    lang: Lang,
    hospital: String,
    /// 模擬: stands on the page for ever.
    simulated: bool,
    as_of: String,
    /// The moment as it was asked for, to keep it in links.
    moment: String,
    period: Option<(String, String)>,
    with_agent: usize,
    seen_only: usize,
    findings: usize,
    points: usize,
    systems: usize,
    unnamed: usize,
    unknown: usize,
    tables: Vec<Table>,
}

struct Table {
    id: &'static str,
    title: &'static str,
    heads: Vec<&'static str>,
    rows: Vec<Vec<Shown>>,
    left_out: usize,
}

struct Shown {
    text: String,
    class: &'static str,
    source: String,
}

impl IndexPage {
    fn new(basis: Basis<'_>, lang: Lang, moment: String) -> Self {
        let ledger = basis.ledger;
        let offset = ledger.site.utc_offset_s;
        let shown = |at| text::moment(at, offset);
        let tables: Vec<Table> = LISTS
            .iter()
            .map(|list| Table::new(basis, *list, lang))
            .collect();
        let count = |id| {
            let table = tables.iter().find(|table| table.id == id);
            table.map_or(0, |table| table.rows.len() + table.left_out)
        };
        Self {
            lang,
            hospital: text::visible(&ledger.site.name),
            simulated: ledger.site.simulated,
            as_of: shown(ledger.as_of),
            moment,
            period: ledger
                .period
                .map(|(first, last)| (shown(first), shown(last))),
            with_agent: ledger.coverage.with_agent,
            seen_only: ledger.coverage.seen_only,
            findings: count("findings"),
            points: count("points"),
            systems: count("systems"),
            unnamed: basis.recognition.unnamed.len(),
            unknown: count("unknowns"),
            tables,
        }
    }

    fn pick(&self, ja: &'static str, en: &'static str) -> &'static str {
        self.lang.pick(ja, en)
    }

    /// The address's question, for links.
    fn query(&self) -> String {
        let lang = self.lang.pick("ja", "en");
        if self.moment.is_empty() {
            return format!("?lang={lang}");
        }
        format!("?lang={lang}&as_of={}", self.moment.replace('+', "%2B"))
    }
}

impl Table {
    fn new(basis: Basis<'_>, list: List, lang: Lang) -> Self {
        let mut all = rows(basis, list, lang.into());
        let left_out = all.len().saturating_sub(ROWS_MAX);
        all.truncate(ROWS_MAX);
        let cell = |cell: daicho_ledger::Cell| Shown {
            class: match cell.state {
                CellState::Value => "value",
                CellState::Stale => "stale",
                CellState::Unknown => "unknown",
                CellState::HandEmpty => "hand",
                CellState::NotApplicable => "none",
            },
            text: cell.text,
            source: cell.source,
        };
        Self {
            id: list.key(),
            title: list.title(lang.into()),
            heads: columns(list)
                .iter()
                .map(|it| it.title(lang.into()))
                .collect(),
            rows: all
                .into_iter()
                .map(|row| row.cells.into_iter().map(cell).collect())
                .collect(),
            left_out,
        }
    }
}

use super::*;
use crate::submit::{NEXT_REPORT_MAX_S, NEXT_REPORT_MIN_S};

fn sent(next_report_s: Option<u32>) -> Option<Sent> {
    Some(Sent {
        acknowledged: 1,
        next_report_s,
    })
}

/// The least and the most that chance makes of it.
fn bounds(work: impl Fn(&mut Chance) -> u64) -> (u64, u64) {
    let least = work(&mut Chance::Fixed(0));
    let most = work(&mut Chance::Fixed(u32::MAX));
    (least, most)
}

#[test]
fn first_report_comes_within_five_minutes_or_one_interval() {
    let first = |interval_s| bounds(|chance| Pace::new(interval_s).first_s(chance));
    assert_eq!(first(3_600), (0, 300));
    assert_eq!(first(120), (0, 120));
}

#[test]
fn interval_is_spread_by_a_tenth_and_never_below_the_least() {
    let after = |interval_s| bounds(|chance| Pace::new(interval_s).after(&sent(None), chance));
    assert_eq!(after(3_600), (3_240, 3_960));
    assert_eq!(after(60), (60, 66));
    // A settings file or a collector cannot leave the range.
    assert_eq!(after(1), (60, 66));
    assert_eq!(after(u32::MAX), (77_760, 95_040));
}

#[test]
fn collector_sets_the_interval_within_the_range() {
    let mut pace = Pace::new(3_600);
    let mut middle = Chance::Fixed(u32::MAX / 2);
    assert_eq!(pace.after(&sent(Some(900)), &mut middle), 900);
    assert_eq!(pace.after(&sent(None), &mut middle), 900);
    let least = pace.after(&sent(Some(0)), &mut Chance::Fixed(0));
    assert_eq!(least, u64::from(NEXT_REPORT_MIN_S));
    let most = pace.after(&sent(Some(u32::MAX)), &mut middle);
    assert_eq!(most, u64::from(NEXT_REPORT_MAX_S));
}

#[test]
fn failures_double_the_wait_up_to_an_hour_and_success_forgets_them() {
    let mut pace = Pace::new(3_600);
    let mut most = Chance::Fixed(u32::MAX);
    let waits: Vec<u64> = (0..9).map(|_| pace.after(&None, &mut most)).collect();
    assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
    for _ in 0..100 {
        assert_eq!(pace.after(&None, &mut most), 3_600);
    }
    pace.after(&sent(None), &mut most);
    assert_eq!(pace.after(&None, &mut Chance::Fixed(0)), 15);
}

#[test]
fn chance_of_the_system_stays_in_its_bounds() {
    let mut pace = Pace::new(100);
    let mut chance = Chance::default();
    for _ in 0..1_000 {
        let wait = pace.after(&sent(None), &mut chance);
        assert!((90..=110).contains(&wait), "{wait}");
    }
}

mod service {
    use std::sync::Arc;

    use daicho_report::{EnrolReply, GoodbyeCause, SignedGoodbye, path};
    use tokio::sync::oneshot;

    use super::*;
    use crate::enrol::{Token, begin};
    use crate::state::tests::Scratch;
    use crate::submit::SubmitError;
    use crate::submit::tests::collector::{
        Answer, Ca, Collector, Heard, approve, json, raw, stored,
    };

    /// An agent that is about to enrol, and what it is told.
    struct Bed {
        collector: Collector,
        options: RunOptions,
        _scratch: Scratch,
    }

    fn bed(answer: impl FnMut(&Heard, &Ca) -> Answer + Send + 'static) -> Bed {
        let ca = Arc::new(Ca::new());
        let scratch = Scratch::new();
        let (fingerprint, signer, mut answer) = (ca.fingerprint(), ca.clone(), answer);
        let collector = Collector::start(&ca, &ca.leaf(), move |heard| answer(heard, &signer));
        let state = scratch.join("state");
        let folder = StateFolder::create(&state).unwrap();
        let token = format!("daicho1.{}.{fingerprint}", "x".repeat(43));
        begin(&folder, &collector.url, &Token::parse(&token).unwrap()).unwrap();
        Bed {
            collector,
            options: RunOptions {
                state,
                interval_s: 3_600,
                first_now: true,
                spool: SpoolLimit::default(),
                server: None,
            },
            _scratch: scratch,
        }
    }

    /// Runs until the collector has heard the path once.
    async fn run_until_heard(bed: &Bed, reached: oneshot::Receiver<()>) -> Result<(), RunError> {
        let stop: Stop = Box::pin(async {
            let _ = reached.await;
        });
        run(&bed.options, stop).await
    }

    #[tokio::test]
    async fn agent_enrols_reports_at_once_and_says_goodbye_when_stopped() {
        let (tell, reached) = oneshot::channel();
        let mut tell = Some(tell);
        let bed = bed(move |heard, ca| match heard.path.as_str() {
            path::ENROL => json(200, &approve(ca, heard, 2110)),
            path::REPORT => {
                if let Some(tell) = tell.take() {
                    let _ = tell.send(());
                }
                json(200, &stored(heard.sequence()))
            }
            _ => raw(204, "", b""),
        });
        run_until_heard(&bed, reached).await.unwrap();
        let heard = bed.collector.heard();
        let paths: Vec<&str> = heard.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(paths.first(), Some(&path::ENROL));
        assert_eq!(paths.get(1), Some(&path::REPORT));
        assert_eq!(paths.last(), Some(&path::GOODBYE));
        let bye: SignedGoodbye = serde_json::from_slice(&heard.last().unwrap().body).unwrap();
        let bye: daicho_report::Goodbye = serde_json::from_str(bye.goodbye.get()).unwrap();
        assert_eq!((bye.cause, bye.sequence), (GoodbyeCause::Stop, 1));
    }

    #[tokio::test]
    async fn denied_agent_ends_by_itself() {
        let refusal = daicho_report::Refusal {
            code: "ING-001".into(),
            ja: "停止".into(),
            en: "denied".into(),
        };
        let bed = bed(move |heard, ca| match heard.path.as_str() {
            path::ENROL => json(200, &approve(ca, heard, 2110)),
            _ => json(403, &refusal),
        });
        let (_keep, never) = oneshot::channel();
        let error = run_until_heard(&bed, never).await.unwrap_err();
        assert_eq!(error.code(), "AGT-016");
        // Nothing is said after it, not even goodbye.
        assert_eq!(bed.collector.heard().last().unwrap().path, path::REPORT);
    }

    #[tokio::test]
    async fn refused_token_ends_the_agent() {
        let bed = bed(|_, _| raw(401, "", b""));
        let (_keep, never) = oneshot::channel();
        let error = run_until_heard(&bed, never).await.unwrap_err();
        assert_eq!(error.code(), "AGT-013");
        assert_eq!(bed.collector.heard().len(), 1);
    }

    #[test]
    fn collector_that_is_busy_is_waited_for_and_a_word_of_refusal_is_not() {
        let refused = |status| {
            let refusal = daicho_report::Refusal {
                code: String::new(),
                ja: String::new(),
                en: String::new(),
            };
            can_wait(&EnrolError::Submit(SubmitError::Refused {
                status,
                refusal,
            }))
        };
        assert!([429, 500, 503].into_iter().all(refused));
        assert!(![400, 401, 403, 426].into_iter().any(refused));
        assert!(!can_wait(&EnrolError::NoToken));
    }

    #[tokio::test]
    async fn pending_agent_can_be_stopped() {
        let (tell, reached) = oneshot::channel();
        let mut tell = Some(tell);
        let bed = bed(move |_, _| {
            if let Some(tell) = tell.take() {
                let _ = tell.send(());
            }
            json(202, &EnrolReply::Pending { retry_after_s: 0 })
        });
        run_until_heard(&bed, reached).await.unwrap();
        assert!(
            bed.collector
                .heard()
                .iter()
                .all(|it| it.path == path::ENROL)
        );
    }
}

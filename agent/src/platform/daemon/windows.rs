//! The service of Windows. It runs as the system's own account, because no other may ask for the rights
//! of who is logged in, with as few privileges as that needs and with a mark of its own (service SID)
//! that its folder names. What these bounds do on a real Windows is not confirmed yet (未確認); Wine
//! takes them and does nothing.

#[path = "bounds.rs"]
mod bounds;

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use windows_service::service::{
    Service, ServiceAccess, ServiceAction, ServiceActionType, ServiceControl, ServiceControlAccept,
    ServiceErrorControl, ServiceExitCode, ServiceFailureActions, ServiceFailureResetPeriod,
    ServiceInfo, ServiceSidType, ServiceStartType, ServiceState, ServiceStatus, ServiceType,
};
use windows_service::service_control_handler::{self, ServiceControlHandlerResult};
use windows_service::service_dispatcher;
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

use super::{Act, NAME, ServiceError, Standing};
use crate::platform::private;
use crate::platform::stop::Stop;

pub(super) use bounds::{event, step_back};

const SHOWN: &str = "Daicho Agent";
const DESCRIPTION: &str = "病院の台帳のために、この機器の状態を読み取り、院内の収集サーバに報告します（読み取り専用）。\
                           / Reads this machine's state for the hospital's ledger (read only).";
/// The system's code for a service that is not there.
const NOT_THERE: i32 = 1060;
const NOT_RUNNING: i32 = 1062;
/// Longer than the goodbye takes.
const STOP_WAIT: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// After a failure: in one minute, in five, in fifteen; a day without one begins anew.
const RESTARTS_MIN: [u64; 3] = [1, 5, 15];

fn failed<E>(what: &'static str) -> impl FnOnce(E) -> ServiceError
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |source| ServiceError::System {
        what,
        source: Box::new(source),
    }
}

fn code(error: &windows_service::Error) -> Option<i32> {
    match error {
        windows_service::Error::Winapi(error) => error.raw_os_error(),
        _ => None,
    }
}

fn opened(access: ServiceAccess) -> Result<Option<Service>, ServiceError> {
    let manager = ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::CONNECT)
        .map_err(failed("reach the service manager"))?;
    match manager.open_service(NAME, access) {
        Ok(service) => Ok(Some(service)),
        Err(error) if code(&error) == Some(NOT_THERE) => Ok(None),
        Err(error) => Err(failed("open the service")(error)),
    }
}

fn there(access: ServiceAccess) -> Result<Service, ServiceError> {
    let absent = || std::io::Error::from_raw_os_error(NOT_THERE);
    opened(access)?.ok_or_else(|| failed("find the service")(absent()))
}

pub(super) fn act(act: Act, state: &Path) -> Result<Standing, ServiceError> {
    match act {
        Act::Install => install(state)?,
        Act::Uninstall => uninstall()?,
        Act::Start => there(ServiceAccess::START)?
            .start::<&OsStr>(&[])
            .map_err(failed("start the service"))?,
        Act::Stop => stop(&there(ServiceAccess::STOP | ServiceAccess::QUERY_STATUS)?)?,
        Act::Status => {}
    }
    let Some(service) = opened(ServiceAccess::QUERY_STATUS)? else {
        return Ok(Standing::Absent);
    };
    let status = service.query_status();
    let status = status.map_err(failed("ask the service for its state"))?;
    Ok(match status.current_state {
        ServiceState::Running => Standing::Running,
        ServiceState::Stopped => Standing::Stopped,
        _ => Standing::Changing,
    })
}

fn install(state: &Path) -> Result<(), ServiceError> {
    let rights = ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE;
    let manager = ServiceManager::local_computer(None::<&str>, rights).map_err(failed(
        "reach the service manager (run this as an administrator)",
    ))?;
    let program = std::env::current_exe().map_err(failed("find this program"))?;
    let info = ServiceInfo {
        name: NAME.into(),
        display_name: SHOWN.into(),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: program,
        launch_arguments: ["service", "run", "--state"]
            .map(OsString::from)
            .into_iter()
            .chain([state.as_os_str().to_owned()])
            .collect(),
        dependencies: Vec::new(),
        account_name: None,
        account_password: None,
    };
    let access = ServiceAccess::CHANGE_CONFIG | ServiceAccess::START | ServiceAccess::DELETE;
    let service = manager
        .create_service(&info, access)
        .map_err(failed("create the service"))?;
    let configured = configure(&service).and_then(|()| {
        bounds::add_source().map_err(failed("name the source of events"))?;
        private::create_folder(state).map_err(failed("make the state folder"))?;
        // Again: now the service has a mark that can be named.
        private::tighten_folder(state).map_err(failed("guard the state folder"))
    });
    if configured.is_err() {
        // Half a service is none.
        let _ = service.delete();
        bounds::remove_source();
    }
    configured
}

fn configure(service: &Service) -> Result<(), ServiceError> {
    service
        .set_description(DESCRIPTION)
        .map_err(failed("describe the service"))?;
    let restart = |minutes: u64| ServiceAction {
        action_type: ServiceActionType::Restart,
        delay: Duration::from_secs(minutes * 60),
    };
    let actions = ServiceFailureActions {
        reset_period: ServiceFailureResetPeriod::After(Duration::from_secs(24 * 3600)),
        reboot_msg: None,
        command: None,
        actions: Some(RESTARTS_MIN.map(restart).to_vec()),
    };
    service
        .update_failure_actions(actions)
        .map_err(failed("say what follows a failure"))?;
    // Wine refuses these three; a Windows that does runs the service with more rights than it needs.
    let _ = service.set_failure_actions_on_non_crash_failures(true);
    let _ = service.set_delayed_auto_start(true);
    let _ = service.set_config_service_sid_info(ServiceSidType::Restricted);
    bounds::require_privileges(service);
    Ok(())
}

fn uninstall() -> Result<(), ServiceError> {
    let access = ServiceAccess::STOP | ServiceAccess::QUERY_STATUS | ServiceAccess::DELETE;
    let service = there(access)?;
    stop(&service)?;
    service.delete().map_err(failed("delete the service"))?;
    bounds::remove_source();
    Ok(())
}

fn stop(service: &Service) -> Result<(), ServiceError> {
    match service.stop() {
        Ok(_) => {}
        Err(error) if code(&error) == Some(NOT_RUNNING) => return Ok(()),
        Err(error) => return Err(failed("stop the service")(error)),
    }
    let begun = Instant::now();
    loop {
        let status = service.query_status();
        let status = status.map_err(failed("ask the service for its state"))?;
        if status.current_state == ServiceState::Stopped {
            return Ok(());
        }
        if begun.elapsed() > STOP_WAIT {
            let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
            return Err(failed("wait for the service to end")(late));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// The work, handed over to the entry that the system calls without arguments of ours.
static WORK: Mutex<Option<fn(Stop) -> u32>> = Mutex::new(None);

windows_service::define_windows_service!(entry, service_main);

pub(super) fn run(work: fn(Stop) -> u32) -> Result<(), ServiceError> {
    *WORK
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(work);
    service_dispatcher::start(NAME, entry).map_err(failed("run as a service"))
}

fn service_main(_: Vec<OsString>) {
    let work = WORK
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .take();
    let Some(work) = work else { return };
    if let Err(error) = serve(work) {
        event(true, &format!("{error}"));
    }
}

fn serve(work: fn(Stop) -> u32) -> windows_service::Result<()> {
    let (tell, told) = tokio::sync::watch::channel(false);
    let handler = move |control| match control {
        ServiceControl::Stop | ServiceControl::Shutdown | ServiceControl::Preshutdown => {
            tell.send_replace(true);
            ServiceControlHandlerResult::NoError
        }
        ServiceControl::Interrogate => ServiceControlHandlerResult::NoError,
        _ => ServiceControlHandlerResult::NotImplemented,
    };
    let handle = service_control_handler::register(NAME, handler)?;
    let status = |state, accepted, code| ServiceStatus {
        service_type: ServiceType::OWN_PROCESS,
        current_state: state,
        controls_accepted: accepted,
        exit_code: code,
        checkpoint: 0,
        wait_hint: Duration::from_secs(10),
        process_id: None,
    };
    let accepted = ServiceControlAccept::STOP | ServiceControlAccept::SHUTDOWN;
    let well = ServiceExitCode::Win32(0);
    handle.set_service_status(status(ServiceState::Running, accepted, well))?;
    let stop: Stop = Box::pin(async move {
        let mut told = told;
        // Whoever could say so has gone: nobody will.
        if told.wait_for(|said| *said).await.is_err() {
            std::future::pending::<()>().await;
        }
    });
    let ended = match work(stop) {
        0 => well,
        code => ServiceExitCode::ServiceSpecific(code),
    };
    let none = ServiceControlAccept::empty();
    handle.set_service_status(status(ServiceState::Stopped, none, ended))
}

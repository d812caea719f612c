//! The agent of Daicho: what runs on each machine. Comes in: the machine's own state; goes out:
//! signed reports to the one collector it is enrolled with. It reads only, opens no port, runs
//! nothing that it is sent, and talks to nobody else.

pub mod clock;
pub mod collect;
pub mod config;
pub mod enrol;
pub mod interval;
pub mod message;
pub mod platform;
pub mod probe;
pub mod report;
pub mod run;
pub mod sense;
pub mod spool;
pub mod state;
pub mod submit;

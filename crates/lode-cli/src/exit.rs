//! Exit codes. They are API: scripts may rely on them.

use std::process::ExitCode;

use crate::demo::DemoError;
use crate::digest::contents::ContentsError;
use crate::eval::EvalError;
use crate::export::ExportError;
use crate::init::InitError;
use crate::input::InputError;
use crate::settings::SettingsError;
use crate::whatif::WhatIfError;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// 0: what was asked for was printed. A report without recommendations is a report.
    Made = 0,
    /// 1: a fault of the program or of the machine, such as a disk that is full.
    Fault = 1,
    /// 2: the command line, the settings or the input cannot be used.
    Usage = 2,
    /// 3: printed, but some rows or files could not be used, and `--strict` was given.
    Rejected = 3,
}

impl Exit {
    /// The code of an error.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        let bad_input = error.chain().any(|cause| {
            cause.is::<InputError>()
                || cause.is::<SettingsError>()
                || cause.is::<DemoError>()
                || cause.is::<InitError>()
                || cause.is::<ContentsError>()
                || cause.is::<WhatIfError>()
                || cause.is::<EvalError>()
                || cause.is::<ExportError>()
                || cause.is::<lode_model::TraceError>()
                || cause.is::<lode_telemetry::TelemetryError>()
                || cause.is::<lode_engine::EngineError>()
                || cause.is::<lode_billing::BillingError>()
                || cause.is::<lode_frames::FramesError>()
        });
        if bad_input { Self::Usage } else { Self::Fault }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

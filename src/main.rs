//! Hands the arguments to the library and turns its answer into the process's exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(pushboat::cli::main(std::env::args_os().collect()).code())
}

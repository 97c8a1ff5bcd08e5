//! Hands the arguments to the library and turns its answer into the process's exit. The program has an allocator of its own, because the
//! system's keeps more memory (set up in `.cargo/config.toml`, figures in docs/benchmarks.md).

use std::process::ExitCode;

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    ExitCode::from(pushboat::cli::main(std::env::args_os().collect()).code())
}

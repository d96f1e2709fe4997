//! `--jsonl`: a line of JSON in, a line of JSON out, in order, without end if need be.
//!
//! Blocks of lines are read by this thread and answered by others. A block is what one read gave,
//! so a program that writes a line and waits gets its answer at once, and a file is worked on in
//! large blocks. Blocks are reused.
//!
//! # Invariants
//! Each line has one answer, in order, even if an engine panics over it. Every block comes back to
//! the thread that reads, so that none waits for ever. At most [`BLOCKS_AHEAD`] blocks a thread are in memory,
//! each as large as one read or one line.

mod answer;
mod block;
mod lines;
mod ordered;

use super::ScanArgs;
use super::origin::shown;
use super::read::{STDIN, is_stdin};

use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output;
use answer::{Answerer, Counts};
use block::Block;
use lines::Lines;
use mofa_sdk::scan::TextScanner;
use ordered::Ordered;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many blocks a thread may be ahead.
const BLOCKS_AHEAD: usize = 3;

pub(super) fn run(args: &ScanArgs, scanner: &TextScanner) -> Result<Outcome, CliError> {
    let inputs = inputs(&args.paths);
    let (to_do, work) = channel::<Block>();
    let (free, blocks) = channel::<Block>();
    let jobs = args.jobs();
    for _ in 0..jobs.saturating_mul(BLOCKS_AHEAD) {
        let _ = free.send(Block::default());
    }
    let work = Mutex::new(work);
    let written: Written = Ordered::new(output::write_now);
    let read = thread::scope(|scope| {
        let (work, written) = (&work, &written);
        for started in 0..jobs {
            let free = free.clone();
            let run = move || answer_blocks(scanner, work, written, &free);
            // However few threads the system gives, one is enough.
            match thread::Builder::new().spawn_scoped(scope, run) {
                Err(error) if started == 0 => return Err(CliError::System(error)),
                Err(_) => break,
                Ok(_) => {}
            }
        }
        drop(free);
        let files = inputs.len();
        let mut feeder = Feeder { to_do, blocks, written, spare: None, next: 0, files };
        Ok(feeder.feed(&inputs))
    })?;
    let counts = written.finish()?;
    if !args.quiet {
        let Counts { lines, malformed, found, .. } = counts;
        output::note(format_args!("{lines} lines, {found} with findings, {malformed} malformed"));
    }
    Ok(match read {
        _ if args.exit_code && counts.found > 0 => Outcome::Findings,
        Ok(()) if counts.failed == 0 => Outcome::Success,
        Ok(()) | Err(Unread) => Outcome::Failure,
    })
}

/// Where answers go: standard output.
type Written = Ordered<fn(&[u8]) -> Result<(), CliError>>;

fn inputs(paths: &[PathBuf]) -> Vec<PathBuf> {
    if paths.is_empty() { vec![PathBuf::from(STDIN)] } else { paths.to_vec() }
}

/// Something could not be read, and it was said.
struct Unread;

/// Reads blocks and hands them out.
struct Feeder<'a> {
    to_do: Sender<Block>,
    blocks: Receiver<Block>,
    written: &'a Written,
    /// A block that the end of an input left empty.
    spare: Option<Block>,
    /// The number of the next block.
    next: u64,
    /// How many inputs there are.
    files: usize,
}

impl Feeder<'_> {
    fn feed(&mut self, inputs: &[PathBuf]) -> Result<(), Unread> {
        let mut all = Ok(());
        for path in inputs {
            if let Err(source) = self.feed_one(path) {
                let path = shown(path).to_owned();
                output::complain(&CliError::Read { path, source });
                all = Err(Unread);
            }
        }
        all
    }

    fn feed_one(&mut self, path: &Path) -> io::Result<()> {
        let input: Box<dyn Read> = if is_stdin(path) {
            // Its own buffer is smaller than one read here, which therefore goes past it.
            Box::new(io::stdin().lock())
        } else {
            Box::new(File::open(path)?)
        };
        let name = (self.files > 1).then(|| shown(path).to_string_lossy().into_owned());
        let mut lines = Lines::new(input);
        while let Some(mut block) = self.free_block() {
            let filled = lines.fill(&mut block);
            if !matches!(filled, Ok(true)) {
                self.spare = Some(block);
                return filled.map(|_| ());
            }
            block.number = self.next;
            block.path.clone_from(&name);
            self.next += 1;
            if self.to_do.send(block).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// A block to fill; none once nobody reads the answers.
    fn free_block(&mut self) -> Option<Block> {
        let block = self.spare.take().or_else(|| self.blocks.recv().ok())?;
        (!self.written.is_closed()).then_some(block)
    }
}

/// Answers blocks until there are no more.
fn answer_blocks(
    scanner: &TextScanner,
    work: &Mutex<Receiver<Block>>,
    written: &Written,
    free: &Sender<Block>,
) {
    let answerer = Answerer::new(|text: &str| scanner.scan(text));
    loop {
        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut block) = next else { return };
        answerer.answer(&mut block);
        for block in written.put(block) {
            // Nobody needs the block any more once everything is read.
            let _ = free.send(block);
        }
    }
}

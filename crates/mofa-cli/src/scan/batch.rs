//! `--jsonl`: a line of JSON in, a line of JSON out, in order, without end if need be.
//!
//! Blocks of lines are read by this thread and answered by others. A block is what one read gave,
//! so a program that writes a line and waits gets its answer at once, and a file is worked on in
//! large blocks. Blocks are reused.
//!
//! # Invariants
//! Each line has one answer, in order. At most [`BLOCKS_AHEAD`] blocks a thread are in memory,
//! each as large as one read or one line.

mod answer;
mod block;
mod lines;
mod ordered;

use super::ScanArgs;
use super::read::{STDIN, is_stdin};
use super::report::shown;
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
    let written = Ordered::new();
    let read = thread::scope(|scope| {
        for _ in 0..jobs {
            let (work, written, free) = (&work, &written, free.clone());
            scope.spawn(move || answer_blocks(scanner, work, written, &free));
        }
        drop(free);
        let mut feeder = Feeder { to_do, blocks, spare: None, next: 0, files: inputs.len() };
        feeder.feed(&inputs)
    });
    let counts = written.finish()?;
    if !args.quiet {
        let Counts { lines, malformed, found } = counts;
        output::note(format_args!("{lines} lines, {found} with findings, {malformed} malformed"));
    }
    Ok(match read {
        _ if args.exit_code && counts.found > 0 => Outcome::Findings,
        Ok(()) => Outcome::Success,
        Err(Unread) => Outcome::Failure,
    })
}

fn inputs(paths: &[PathBuf]) -> Vec<PathBuf> {
    if paths.is_empty() { vec![PathBuf::from(STDIN)] } else { paths.to_vec() }
}

/// Something could not be read, and it was said.
struct Unread;

/// Reads blocks and hands them out.
struct Feeder {
    to_do: Sender<Block>,
    blocks: Receiver<Block>,
    /// A block that the end of an input left empty.
    spare: Option<Block>,
    /// The number of the next block.
    next: u64,
    /// How many inputs there are.
    files: usize,
}

impl Feeder {
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
        // Without a block there is no thread that works on it: writing failed.
        while let Some(mut block) = self.spare.take().or_else(|| self.blocks.recv().ok()) {
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
}

/// Answers blocks until there are no more or nobody reads the answers.
fn answer_blocks(
    scanner: &TextScanner,
    work: &Mutex<Receiver<Block>>,
    written: &Ordered,
    free: &Sender<Block>,
) {
    let mut answerer = Answerer::new(scanner);
    loop {
        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut block) = next else { return };
        answerer.answer(&mut block);
        match written.put(block) {
            Ok(done) => done.into_iter().for_each(|block| {
                // Nobody needs the block any more once everything is read.
                let _ = free.send(block);
            }),
            Err(ordered::Closed) => return,
        }
    }
}

//! How long one unit of work takes: the median of several rounds, each long enough for the clock.
//!
//! The clock is the processor time of this thread: what other programs do at the time then shows
//! only in the caches.

use cpu_time::ThreadTime;
use std::hint::black_box;
use std::time::Duration;

/// How much time a measurement may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// To see that it runs.
    Quick,
    /// For figures to report.
    Full,
}

impl Effort {
    pub(crate) fn rounds(self) -> usize {
        match self {
            Self::Quick => 3,
            Self::Full => 101,
        }
    }

    pub(crate) fn round(self) -> Duration {
        match self {
            Self::Quick => Duration::from_millis(10),
            Self::Full => Duration::from_millis(20),
        }
    }
}

/// Something that is timed: called with how often to do its work, it says a sum of the answers.
pub(crate) type Work<'a> = Box<dyn FnMut(usize) -> usize + 'a>;

/// Nanoseconds for one unit of work, over all rounds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figure {
    /// The median.
    pub(crate) median: f64,
    /// The best round: what is left of the noise of a busy machine.
    pub(crate) best: f64,
}

/// Measures each work in turn, after its first rounds have filled the caches.
pub(crate) fn figures(effort: Effort, works: &mut [Work<'_>]) -> Vec<Figure> {
    works.iter_mut().map(|work| figure(effort, work)).collect()
}

fn figure(effort: Effort, work: &mut Work<'_>) -> Figure {
    let count = count_for(effort.round(), work);
    let round = |_| nanos_per_unit(time(work, count), count);
    Figure::of((0..effort.rounds()).map(round).collect())
}

/// Work on inputs that are read just before, as those of a request are: what is timed does not
/// wait for the memory of the benchmark's own list of questions.
pub(crate) trait Batches {
    /// How many units a batch has at most.
    fn most(&self) -> usize;

    /// Reads the inputs of the next `units`, untimed.
    fn read(&mut self, units: usize) -> usize;

    /// Does the work on them.
    fn run(&mut self, units: usize) -> usize;
}

/// Measures each work in turn, batch by batch.
pub(crate) fn batch_figures(effort: Effort, works: &mut [impl Batches]) -> Vec<Figure> {
    works.iter_mut().map(|work| batch_figure(effort, work)).collect()
}

fn batch_figure(effort: Effort, work: &mut impl Batches) -> Figure {
    let mut units = 1;
    while units < work.most() && time_batch(work, units) < effort.round() {
        units = work.most().min(units * 2);
    }
    let round = |_| {
        let (mut took, mut done) = (Duration::ZERO, 0_usize);
        while took < effort.round() {
            took += time_batch(work, units);
            done += units;
        }
        nanos_per_unit(took, done)
    };
    Figure::of((0..effort.rounds()).map(round).collect())
}

fn time_batch(work: &mut impl Batches, units: usize) -> Duration {
    black_box(work.read(black_box(units)));
    let start = ThreadTime::now();
    black_box(work.run(black_box(units)));
    start.elapsed()
}

impl Figure {
    fn of(mut nanos: Vec<f64>) -> Self {
        nanos.sort_by(f64::total_cmp);
        let at = |place: usize| nanos.get(place).copied().unwrap_or(f64::NAN);
        Self { median: at(nanos.len() / 2), best: at(0) }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of units is far below 2^52")]
fn nanos_per_unit(took: Duration, units: usize) -> f64 {
    took.as_secs_f64() * 1e9 / units as f64
}

fn count_for(round: Duration, work: &mut Work<'_>) -> usize {
    let mut count = 1;
    loop {
        if time(work, count) >= round {
            return count;
        }
        count *= 2;
    }
}

fn time(work: &mut Work<'_>, count: usize) -> Duration {
    let start = ThreadTime::now();
    black_box(work(black_box(count)));
    start.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_work_gets_a_figure() {
        let work = |units: usize| (0..units).map(black_box).sum();
        let mut works: Vec<Work<'_>> = vec![Box::new(work), Box::new(work)];
        let figures = figures(Effort::Quick, &mut works);
        assert_eq!(figures.len(), 2);
        for Figure { median, best } in figures {
            assert!(best > 0.0 && best <= median && median.is_finite(), "{best} {median}");
        }
    }
}

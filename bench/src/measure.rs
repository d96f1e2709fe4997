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
            Self::Full => 11,
        }
    }

    pub(crate) fn round(self) -> Duration {
        match self {
            Self::Quick => Duration::from_millis(10),
            Self::Full => Duration::from_millis(100),
        }
    }
}

/// Something that is timed: called with how often to do its work, it says a sum of the answers.
pub(crate) type Work<'a> = Box<dyn FnMut(usize) -> usize + 'a>;

/// Nanoseconds for one unit of each work. Rounds take turns, so that what slows the machine down
/// for a while slows all of them down.
pub(crate) fn medians(effort: Effort, works: &mut [Work<'_>]) -> Vec<f64> {
    let counts: Vec<usize> = works.iter_mut().map(|work| count_for(effort.round(), work)).collect();
    let mut rounds: Vec<Vec<f64>> = vec![Vec::new(); works.len()];
    for _ in 0..effort.rounds() {
        for ((work, count), nanos) in works.iter_mut().zip(&counts).zip(&mut rounds) {
            let took = time(work, *count);
            #[expect(clippy::cast_precision_loss, reason = "a count of units is far below 2^52")]
            nanos.push(took.as_secs_f64() * 1e9 / *count as f64);
        }
    }
    rounds.into_iter().map(median).collect()
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

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_value() {
        assert!((median(vec![5.0, 1.0, 3.0]) - 3.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn every_work_gets_a_figure() {
        let work = |units: usize| (0..units).map(black_box).sum();
        let mut works: Vec<Work<'_>> = vec![Box::new(work), Box::new(work)];
        let nanos = medians(Effort::Quick, &mut works);
        assert!(nanos.len() == 2 && nanos.iter().all(|n| n.is_finite() && *n > 0.0), "{nanos:?}");
    }
}

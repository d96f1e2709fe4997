//! The table `rbac`: may a subject do something, among 1,000 roles and 10,000 subjects.
//!
//! Every engine gets its own best form of the same policy, and requests that are made beforehand
//! where its interface takes such.
//!
//! # Failure
//! Two engines that answer a question differently: nothing is timed then.

#[cfg(feature = "peers")]
mod peers;
mod product;
mod workload;

use crate::measure::{Batches, Effort, batch_figures};
use crate::table::Table;
use std::error::Error;
use thiserror::Error;
use workload::Workload;

/// An engine with the policy in it.
pub(crate) trait Contender {
    /// As it is named in the table.
    fn name(&self) -> &'static str;

    /// How many of the questions it is asked, from the first on: fewer where an answer takes
    /// milliseconds.
    fn asked(&self) -> usize;

    /// Reads what `question` is made of, and sums it up.
    fn read(&self, question: usize) -> usize;

    /// Whether the subject of a question may.
    fn is_allowed(&mut self, question: usize) -> bool;
}

/// Two engines answer the same question differently.
#[derive(Debug, Error)]
#[error("`{engine}` says {answer} to question {question} ({text}), the product says otherwise")]
struct Disagreement {
    engine: &'static str,
    answer: bool,
    question: usize,
    text: String,
}

pub(crate) fn table(effort: Effort) -> Result<Table, Box<dyn Error>> {
    let workload = Workload::new(effort);
    let mut contenders = product::contenders(&workload)?;
    #[cfg(feature = "peers")]
    contenders.extend(peers::contenders(&workload)?);

    let answers = agree(&workload, &mut contenders)?;
    let allowed = answers.iter().filter(|allowed| **allowed).count();
    let engines: Vec<_> = contenders.iter().map(|c| (c.name(), c.asked())).collect();
    let mut works: Vec<_> =
        contenders.iter_mut().map(|contender| Asking { contender, next: 0 }).collect();
    let figures = batch_figures(effort, &mut works);
    let setting = format!(
        "{workload}; {} random questions, {allowed} of them allowed",
        workload.questions.len()
    );
    Ok(Table::new("rbac", setting, "check", engines, &figures))
}

/// Asks everyone, and gives the answers of the first.
fn agree(
    workload: &Workload,
    contenders: &mut [Box<dyn Contender + '_>],
) -> Result<Vec<bool>, Disagreement> {
    let mut answers: Vec<bool> = Vec::new();
    for contender in contenders {
        for question in 0..contender.asked() {
            let answer = contender.is_allowed(question);
            match answers.get(question) {
                None => answers.push(answer),
                Some(expected) if *expected == answer => {}
                Some(_) => {
                    let engine = contender.name();
                    let text = workload.describe(question);
                    return Err(Disagreement { engine, answer, question, text });
                }
            }
        }
    }
    Ok(answers)
}

/// So many questions fit into the processor's cache beside the engine's tables.
const BATCH: usize = 512;

/// Asks a contender its questions, over and over.
struct Asking<'a, 'b> {
    contender: &'a mut Box<dyn Contender + 'b>,
    next: usize,
}

impl Asking<'_, '_> {
    fn questions(&self, count: usize) -> impl Iterator<Item = usize> + use<> {
        let asked = self.contender.asked();
        (self.next..asked).chain((0..asked).cycle()).take(count)
    }
}

impl Batches for Asking<'_, '_> {
    fn most(&self) -> usize {
        BATCH
    }

    fn read(&mut self, units: usize) -> usize {
        self.questions(units).map(|question| self.contender.read(question)).sum()
    }

    fn run(&mut self, units: usize) -> usize {
        let mut allowed = 0;
        for question in self.questions(units) {
            allowed += usize::from(self.contender.is_allowed(question));
        }
        self.next = (self.next + units) % self.contender.asked().max(1);
        allowed
    }
}

/// The sum of the bytes of `texts`: reading them all.
fn sum<'a>(texts: impl IntoIterator<Item = &'a str>) -> usize {
    texts.into_iter().flat_map(str::bytes).map(usize::from).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_agree_and_all_are_timed() {
        let table = table(Effort::Quick).unwrap();
        assert!(table.rows.len() >= 3, "{table}");
        assert!(table.rows.iter().all(|row| row.nanos > 0.0 && row.agreed > 0), "{table}");
    }

    #[test]
    fn a_different_answer_is_found() {
        struct Liar;
        impl Contender for Liar {
            fn name(&self) -> &'static str {
                "liar"
            }
            fn asked(&self) -> usize {
                200
            }
            fn read(&self, question: usize) -> usize {
                question
            }
            fn is_allowed(&mut self, _: usize) -> bool {
                true
            }
        }
        let workload = Workload::new(Effort::Quick);
        let mut contenders = product::contenders(&workload).unwrap();
        contenders.push(Box::new(Liar));
        let error = agree(&workload, &mut contenders).unwrap_err();
        assert_eq!((error.engine, error.answer), ("liar", true));
    }
}

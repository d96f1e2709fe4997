//! Sets of roles, small enough to lie in a cache line where they can.
//!
//! Made by the compiler of policies and by the table of subjects; asked by every check.
//!
//! # Invariants
//! Ids are dense and below [`MAX_ROLES`]; lists are sorted and without repeats.

use std::ops::Range;

/// The most roles a policy may have: an id fits into 16 bits.
pub const MAX_ROLES: usize = 1 << 16;

/// A role's place in its policy's table.
pub(super) type RoleId = u16;

const TINY: usize = 8;
/// As many as two comparisons of eight take.
const INLINE: usize = 16;
/// Up to here a list is read from the start: cheaper than halving.
const LINEAR: usize = 16;
const WORD: usize = 64;
/// How many times the memory of a list the bits may take: they are found faster.
const LARGER: usize = 4;

/// How many roles a [`Held`] compares at once.
pub(super) const FEW: usize = 4;

/// The roles of a subject, as a check takes them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Held<'a> {
    /// The first `len` of these; the last of them fills the rest, so that all can be compared
    /// without asking how many there are.
    Few { len: u8, ids: &'a [RoleId; FEW] },
    /// More.
    Many(&'a [RoleId]),
}

impl<'a> Held<'a> {
    pub(super) const NONE: Self = Self::Many(&[]);

    pub(super) fn as_slice(self) -> &'a [RoleId] {
        match self {
            Self::Few { len, ids } => ids.get(..usize::from(len)).unwrap_or_default(),
            Self::Many(ids) => ids,
        }
    }

    pub(super) fn is_empty(self) -> bool {
        match self {
            Self::Few { len, .. } => len == 0,
            Self::Many(ids) => ids.is_empty(),
        }
    }
}

/// `ids` at the start of an array that the last of them fills up; none if they do not fit.
pub(super) fn filled<const N: usize>(ids: &[RoleId]) -> Option<(u8, [RoleId; N])> {
    let mut all = [ids.last().copied().unwrap_or_default(); N];
    all.get_mut(..ids.len())?.copy_from_slice(ids);
    Some((u8::try_from(ids.len()).ok()?, all))
}

/// A sorted list of roles; in an inline one the last fills the rest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum RoleList {
    Inline { len: u8, ids: [RoleId; INLINE] },
    Long(Box<[RoleId]>),
}

impl RoleList {
    /// `sorted` must be sorted and without repeats.
    pub(super) fn new(sorted: &[RoleId]) -> Self {
        debug_assert!(sorted.is_sorted(), "a list of roles must be sorted");
        match filled(sorted) {
            Some((len, ids)) => Self::Inline { len, ids },
            None => Self::Long(sorted.into()),
        }
    }

    pub(super) fn as_slice(&self) -> &[RoleId] {
        match self {
            Self::Inline { len, ids } => ids.get(..usize::from(*len)).unwrap_or_default(),
            Self::Long(ids) => ids,
        }
    }
}

/// A set of roles: a list where one bit for every role of the policy would take several times the
/// memory; a bit is found at once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum RoleSet {
    List(RoleList),
    Bits(Box<[u64]>),
}

impl RoleSet {
    pub(super) fn empty() -> Self {
        Self::List(RoleList::new(&[]))
    }

    /// The same in its smallest form, if it is that small.
    pub(super) fn as_tiny(&self) -> Option<TinySet> {
        let Self::List(list) = self else { return None };
        let (len, ids) = filled(list.as_slice())?;
        (len > 0).then_some(TinySet(ids))
    }

    /// How many bytes it takes outside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::List(RoleList::Inline { .. }) => 0,
            Self::List(RoleList::Long(ids)) => size_of_val(&**ids),
            Self::Bits(words) => size_of_val(&**words),
        }
    }
}

impl Set for RoleSet {
    #[inline]
    fn contains(&self, role: RoleId) -> bool {
        match self {
            Self::List(RoleList::Inline { len, ids }) => *len != 0 && is_among(role, ids),
            Self::List(RoleList::Long(ids)) if ids.len() <= LINEAR => ids.contains(&role),
            Self::List(RoleList::Long(ids)) => ids.binary_search(&role).is_ok(),
            Self::Bits(words) => is_set(words, role),
        }
    }

    #[inline]
    fn has_one_of(&self, held: Held<'_>) -> bool {
        match (self, held) {
            (_, Held::Few { len: 0, .. }) | (Self::List(RoleList::Inline { len: 0, .. }), _) => {
                false
            }
            // The usual case, without a branch that depends on who asks.
            (Self::List(RoleList::Inline { ids, .. }), Held::Few { ids: held, .. }) => {
                held.iter().fold(false, |found, role| found | is_among(*role, ids))
            }
            (Self::Bits(words), Held::Few { ids, .. }) => {
                ids.iter().fold(false, |found, role| found | is_set(words, *role))
            }
            (_, Held::Few { .. }) => held.as_slice().iter().any(|role| self.contains(*role)),
            (_, Held::Many(ids)) => ids.iter().any(|role| self.contains(*role)),
        }
    }
}

impl Set for TinySet {
    #[inline]
    fn contains(&self, role: RoleId) -> bool {
        is_among(role, &self.0)
    }

    #[inline]
    fn has_one_of(&self, held: Held<'_>) -> bool {
        match held {
            Held::Few { len: 0, .. } => false,
            Held::Few { ids, .. } => {
                ids.iter().fold(false, |found, role| found | self.contains(*role))
            }
            Held::Many(ids) => ids.iter().any(|role| self.contains(*role)),
        }
    }
}

#[inline]
fn is_set(words: &[u64], role: RoleId) -> bool {
    let role = usize::from(role);
    words.get(role / WORD).is_some_and(|word| word >> (role % WORD) & 1 == 1)
}

/// Compares with all of `ids`, which is cheaper than stopping at the right one.
#[expect(clippy::needless_bitwise_bool, reason = "a branch for each costs more than comparing")]
#[inline]
fn is_among<const N: usize>(role: RoleId, ids: &[RoleId; N]) -> bool {
    ids.iter().fold(false, |found, id| found | (*id == role))
}

/// A set that asks for no more than one comparison: one to eight roles, the last of which fills the
/// rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct TinySet([RoleId; TINY]);

/// What a check asks of a set, whatever its form.
pub(super) trait Set {
    fn contains(&self, role: RoleId) -> bool;

    /// Whether one of the roles of `held` is in it.
    fn has_one_of(&self, held: Held<'_>) -> bool;
}

/// Where a set is put together: one bit for every role, used again for each set.
pub(super) struct Union {
    words: Vec<u64>,
    /// Which words are not zero at most: small sets then cost little in a policy of many roles.
    touched: Range<usize>,
}

impl Union {
    pub(super) fn new(roles: usize) -> Self {
        Self { words: vec![0; roles.div_ceil(WORD)], touched: 0..0 }
    }

    pub(super) fn add(&mut self, role: RoleId) {
        let (at, bit) = (usize::from(role) / WORD, usize::from(role) % WORD);
        if let Some(word) = self.words.get_mut(at) {
            *word |= 1 << bit;
            self.touch(at..at + 1);
        }
    }

    pub(super) fn add_set(&mut self, set: &RoleSet) {
        match set {
            RoleSet::List(list) => list.as_slice().iter().for_each(|role| self.add(*role)),
            RoleSet::Bits(words) => {
                self.words.iter_mut().zip(words).for_each(|(mine, theirs)| *mine |= theirs);
                self.touch(0..words.len());
            }
        }
    }

    /// The set, in its smaller form; the union is empty afterwards.
    pub(super) fn take(&mut self) -> RoleSet {
        let touched = std::mem::take(&mut self.touched);
        let first = touched.start;
        let words = self.words.get(touched.clone()).unwrap_or_default();
        let len: usize = words.iter().map(|word| word.count_ones() as usize).sum();
        let list = len * size_of::<RoleId>();
        let set = if len <= INLINE || list * LARGER < size_of_val(&*self.words) {
            RoleSet::List(RoleList::new(&members(first, words, len)))
        } else {
            RoleSet::Bits(self.words.as_slice().into())
        };
        self.words.get_mut(touched).unwrap_or_default().fill(0);
        set
    }

    fn touch(&mut self, words: Range<usize>) {
        self.touched = if self.touched.is_empty() {
            words
        } else {
            self.touched.start.min(words.start)..self.touched.end.max(words.end)
        };
    }
}

/// The members in `words`, the first of which is word number `first`.
fn members(first: usize, words: &[u64], len: usize) -> Vec<RoleId> {
    let mut ids = Vec::with_capacity(len);
    for (at, word) in (first..).zip(words) {
        let mut left = *word;
        while left != 0 {
            let role = at * WORD + left.trailing_zeros() as usize;
            ids.extend(RoleId::try_from(role));
            left &= left - 1;
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(roles: usize, members: &[RoleId]) {
        let mut union = Union::new(roles);
        for role in members {
            union.add(*role);
        }
        let set = union.take();
        for role in 0..roles {
            let role = RoleId::try_from(role).unwrap();
            assert_eq!(set.contains(role), members.contains(&role), "role {role} of {members:?}");
        }
        assert_eq!(union.take(), RoleSet::empty(), "taking must leave nothing behind");
    }

    #[test]
    fn every_form_holds_its_members_and_no_others() {
        check(1, &[]);
        check(1, &[0]);
        check(64, &[0, 63]);
        check(65, &[64]);
        check(1_000, &[1, 2, 3, 500, 999]);
        check(200, &(0..200).filter(|r| r % 3 == 0).collect::<Vec<_>>());
        check(5_000, &(0..5_000).filter(|r| r % 50 == 0).collect::<Vec<_>>());
    }

    #[test]
    fn held_roles_are_found_in_every_form() {
        let sets: [&[RoleId]; 5] = [&[], &[0], &[7, 9], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], &[90]];
        let wide: Vec<RoleId> = (0..100).filter(|r| r % 2 == 1).collect();
        for members in sets.into_iter().chain([&*wide]) {
            let mut union = Union::new(100);
            for role in members {
                union.add(*role);
            }
            let set = union.take();
            let held: [&[RoleId]; 7] = [
                &[],
                &[0],
                &[9],
                &[8, 90],
                &[11, 12, 13],
                &[1, 2, 3, 4],
                &[50, 52, 54, 56, 58, 91],
            ];
            for held in held {
                let few = filled::<FEW>(held);
                let form = match &few {
                    Some((len, ids)) => Held::Few { len: *len, ids },
                    None => Held::Many(held),
                };
                let expected = held.iter().any(|role| members.contains(role));
                assert_eq!(set.has_one_of(form), expected, "{held:?} in {members:?}");
                assert_eq!(form.as_slice(), held);
            }
        }
    }

    #[test]
    fn forms_are_the_smaller_ones() {
        let mut union = Union::new(2_000);
        (0..20).for_each(|role| union.add(role));
        let list = union.take();
        assert!(matches!(list, RoleSet::List(RoleList::Long(_))), "{list:?}");
        (0..1_999).for_each(|role| union.add(role));
        union.add_set(&list);
        let bits = union.take();
        assert!(matches!(bits, RoleSet::Bits(_)), "{bits:?}");
        assert!(bits.heap_bytes() <= 2_000 / 8 + 8);
    }

    #[test]
    fn unions_take_both_forms() {
        let mut union = Union::new(100);
        (0..90).for_each(|role| union.add(role));
        let bits = union.take();
        union.add(99);
        let list = union.take();
        union.add_set(&bits);
        union.add_set(&list);
        let both = union.take();
        assert!(both.contains(0) && both.contains(89) && both.contains(99) && !both.contains(95));
    }
}

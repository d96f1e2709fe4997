//! Permissions with wildcards: a tree with one level a segment.
//!
//! # Invariants
//! A node has one way to it, so a walk visits no node twice. Patterns have at most
//! [`MAX_SEGMENTS`] segments and a walk keeps at most one open branch a level, so its stack has a
//! fixed size.

use super::Access;
use crate::security::rbac::permission::{MAX_SEGMENTS, Pattern, Query, SEPARATOR, WILDCARD};
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher as _};
use std::ops::ControlFlow;

type NodeId = u32;
const ROOT: NodeId = 0;

#[derive(Debug)]
pub(super) struct WildTree {
    nodes: Vec<Node>,
    edges: HashTable<Edge>,
    hasher: foldhash::fast::RandomState,
}

#[derive(Debug, Default)]
struct Node {
    /// How many named segments lead on from here; none saves the look-up.
    named: u32,
    /// Where any one segment leads to, with more to follow.
    any: Option<NodeId>,
    /// Whose pattern ends here.
    end: Option<Access>,
    /// Whose pattern ends here with a `*` for one or more segments.
    rest: Option<Access>,
}

#[derive(Debug)]
struct Edge {
    from: NodeId,
    segment: Box<str>,
    to: NodeId,
}

impl Default for WildTree {
    fn default() -> Self {
        Self {
            nodes: vec![Node::default()],
            edges: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
        }
    }
}

impl WildTree {
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.len() == 1 && self.nodes.first().is_none_or(|root| root.rest.is_none())
    }

    /// Adds a pattern that is not in the tree yet.
    pub(super) fn insert(&mut self, pattern: &Pattern, access: Access) {
        let mut at = ROOT;
        let mut segments = pattern.segments().peekable();
        while let Some(segment) = segments.next() {
            let last = segments.peek().is_none();
            if segment == WILDCARD && last {
                self.node_mut(at, |node| node.rest = Some(access));
                return;
            }
            at = if segment == WILDCARD { self.any_from(at) } else { self.named_from(at, segment) };
        }
        self.node_mut(at, |node| node.end = Some(access));
    }

    /// Calls `found` for every pattern that covers `query`, which must be well-formed, until it
    /// breaks.
    pub(super) fn visit(&self, query: Query<'_>, mut found: impl FnMut(Access) -> ControlFlow<()>) {
        let mut open = [(ROOT, None); MAX_SEGMENTS];
        let mut depth = 0;
        let mut at = Some((ROOT, Some(Rest::Action)));
        while let Some((node, rest)) = at.take() {
            if let Some(node_at) = self.nodes.get(node as usize) {
                let access = if rest.is_some() { node_at.rest } else { node_at.end };
                if access.is_some_and(|access| found(access).is_break()) {
                    return;
                }
                if let Some((segment, rest)) = rest.map(|rest| rest.split(query)) {
                    at = self.named(node, node_at, segment).map(|to| (to, rest));
                    if let Some(any) = node_at.any {
                        if at.is_none() {
                            at = Some((any, rest));
                        } else if let Some(place) = open.get_mut(depth) {
                            *place = (any, rest);
                            depth += 1;
                        }
                    }
                }
            }
            if at.is_none() && depth > 0 {
                depth -= 1;
                at = open.get(depth).copied();
            }
        }
    }

    #[inline]
    fn named(&self, from: NodeId, node: &Node, segment: &str) -> Option<NodeId> {
        if node.named == 0 {
            return None;
        }
        let hash = hash_edge(&self.hasher, from, segment);
        let edge = self.edges.find(hash, |e| e.from == from && &*e.segment == segment)?;
        Some(edge.to)
    }

    fn any_from(&mut self, from: NodeId) -> NodeId {
        if let Some(to) = self.nodes.get(from as usize).and_then(|node| node.any) {
            return to;
        }
        let to = self.add_node();
        self.node_mut(from, |node| node.any = Some(to));
        to
    }

    fn named_from(&mut self, from: NodeId, segment: &str) -> NodeId {
        let found = self.nodes.get(from as usize).and_then(|node| self.named(from, node, segment));
        if let Some(to) = found {
            return to;
        }
        let to = self.add_node();
        self.node_mut(from, |node| node.named += 1);
        let hash = hash_edge(&self.hasher, from, segment);
        let hasher = &self.hasher;
        self.edges.insert_unique(hash, Edge { from, segment: segment.into(), to }, |edge| {
            hash_edge(hasher, edge.from, &edge.segment)
        });
        to
    }

    /// Policies are far too small for more than `u32::MAX` nodes: that many take 100 GB of text.
    fn add_node(&mut self) -> NodeId {
        self.nodes.push(Node::default());
        NodeId::try_from(self.nodes.len() - 1).unwrap_or(NodeId::MAX)
    }

    fn node_mut(&mut self, at: NodeId, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.nodes.get_mut(at as usize) {
            change(node);
        }
    }
}

fn hash_edge(hasher: &foldhash::fast::RandomState, from: NodeId, segment: &str) -> u64 {
    let mut hash = hasher.build_hasher();
    hash.write_u32(from);
    hash.write(segment.as_bytes());
    hash.finish()
}

/// What of a query is still to be matched; at least one segment.
#[derive(Debug, Clone, Copy)]
enum Rest {
    /// All of it.
    Action,
    /// The resource from this byte on.
    Resource(usize),
}

impl Rest {
    /// The next segment, and what follows it.
    fn split(self, query: Query<'_>) -> (&str, Option<Self>) {
        let start = match self {
            Self::Action => return (query.action, Some(Self::Resource(0))),
            Self::Resource(start) => start,
        };
        let rest = query.resource.get(start..).unwrap_or_default();
        match rest.split_once(SEPARATOR) {
            Some((segment, _)) => (segment, Some(Self::Resource(start + segment.len() + 1))),
            None => (rest, None),
        }
    }
}

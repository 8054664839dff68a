//! The graph of relations around something, in one recursive statement.
//!
//! What came first and what came of it are two ways through the graph. Each step asks whether the viewer may see the
//! thing that it leads to, so what is concealed ends its branch: it is neither shown nor counted, and nothing behind it
//! is either, unless another way leads there.

use chrono::{DateTime, Utc};
use entity::change::EntityType;
use entity::link::LinkRelation;
use sea_orm::DatabaseBackend;
use sea_orm::sea_query::{
    Asterisk, CommonTableExpression, Expr, ExprTrait, Order, Query, SelectStatement, UnionType,
    WithClause,
};

use super::End;
use crate::error::{Error, Result};
use crate::policy::reference::Reference;
use crate::store::{Row, Store};
use crate::viewer::Viewer;

/// How far the graph is walked unless asked otherwise.
pub const DEFAULT_DEPTH: i64 = 5;
/// How far it can be walked.
pub const MOST_DEPTH: i64 = 10;
/// How many relations are answered unless asked otherwise.
pub const DEFAULT_LINKS: i64 = 100;
/// How many relations can be asked for.
pub const MOST_LINKS: i64 = 500;

/// Which way the graph is walked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineageDirection {
    /// To what it came from.
    Origins,
    /// To what came of it.
    Descendants,
    /// Both, each by itself: not to what else came of an origin.
    #[default]
    Both,
}

/// How much of the graph is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineageRequest {
    /// Which way.
    pub direction: LineageDirection,
    /// How many relations away at most.
    pub depth: Option<i64>,
    /// How many relations at most.
    pub first: Option<i64>,
}

/// A relation of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traced {
    /// What it starts from.
    pub from: End,
    /// How they relate.
    pub relation: LinkRelation,
    /// What it leads to.
    pub to: End,
    /// How many relations away it is, from 1.
    pub depth: i32,
    /// When it was stated.
    pub at: DateTime<Utc>,
}

/// One way through the graph: its name, the end where a step starts, and the end that it leads to.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    here: &'static str,
    there: (&'static str, &'static str),
}

const TO_ORIGINS: Way = Way {
    name: "to_origins",
    here: "later_id",
    there: ("earlier_type", "earlier_id"),
};
const TO_DESCENDANTS: Way = Way {
    name: "to_descendants",
    here: "earlier_id",
    there: ("later_type", "later_id"),
};

/// What of a relation is carried along.
const CARRIED: [&str; 6] = ["from_type", "from_id", "relation", "to_type", "to_id", "at"];
const NODE: &str = "node_id";
const DEPTH: &str = "depth";
const STEPS: &str = "steps";

/// A depth and a number of relations, within their bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bounds {
    depth: i32,
    first: u64,
}

impl Bounds {
    /// How many steps suffice, the nearest first: each relation is reached once from each distance, and nothing is
    /// reached where the walk starts.
    fn steps(self) -> u64 {
        1 + self.first * u64::from(self.depth.unsigned_abs())
    }
}

impl LineageDirection {
    const fn ways(self) -> &'static [Way] {
        match self {
            Self::Origins => &[TO_ORIGINS],
            Self::Descendants => &[TO_DESCENDANTS],
            Self::Both => &[TO_ORIGINS, TO_DESCENDANTS],
        }
    }
}

impl LineageRequest {
    /// The depth and the number of relations, within bounds.
    fn check(self) -> Result<Bounds> {
        let within = |argument, given: Option<i64>, default, least, most| {
            let given = given.unwrap_or(default);
            if (least..=most).contains(&given) {
                return Ok(given);
            }
            Err(Error::BadArgument {
                argument,
                message: format!("`{argument}` must be from {least} to {most}, and is {given}."),
            })
        };
        let depth = within("depth", self.depth, DEFAULT_DEPTH, 1, MOST_DEPTH)?;
        let first = within("first", self.first, DEFAULT_LINKS, 0, MOST_LINKS)?;
        Ok(Bounds {
            depth: i32::try_from(depth).map_err(Error::internal)?,
            first: u64::try_from(first).map_err(Error::internal)?,
        })
    }
}

impl Way {
    /// The steps this way: from where the walk is, over one relation, to what the viewer may see.
    fn steps(
        self,
        backend: DatabaseBackend,
        viewer: &Viewer,
        root: End,
        bounds: Bounds,
    ) -> CommonTableExpression {
        let (there_type, there) = self.there;
        let start = Reference::to(root.0, root.1);
        let mut walked = Query::select();
        // A relation of nothing with nothing stands for where the walk starts.
        walked
            .expr_as(Expr::value(root.1), NODE)
            .expr_as(Expr::value(root.0.as_str()), "from_type")
            .expr_as(Expr::value(root.1), "from_id")
            .expr_as(Expr::value(""), "relation")
            .expr_as(Expr::value(root.0.as_str()), "to_type")
            .expr_as(Expr::value(root.1), "to_id")
            .expr_as(Expr::value(DateTime::<Utc>::UNIX_EPOCH), "at")
            .expr_as(Expr::value(0), DEPTH)
            .cond_where(start.shown_to(viewer));
        let step = Query::select()
            .column(("link", there))
            .columns(CARRIED.map(|column| ("link", column)))
            .expr(Expr::col((self.name, DEPTH)).add(1))
            .from(self.name)
            .inner_join(
                "link",
                Expr::col(("link", self.here)).equals((self.name, NODE)),
            )
            .and_where(Expr::col((self.name, DEPTH)).lt(bounds.depth))
            .cond_where(Reference::named_by("link", there_type, there).shown_to(viewer))
            .take();
        walked.union(UnionType::Distinct, step);
        if backend == DatabaseBackend::Sqlite {
            // The nearest first; PostgreSQL goes so by itself, and stops when enough was read.
            walked.order_by(DEPTH, Order::Asc).limit(bounds.steps());
        }
        let columns = [NODE].into_iter().chain(CARRIED).chain([DEPTH]);
        CommonTableExpression::new()
            .query(walked)
            .columns(columns)
            .table_name(self.name)
            .to_owned()
    }

    fn walked(self, bounds: Bounds) -> SelectStatement {
        Query::select()
            .column(Asterisk)
            .from(self.name)
            .limit(bounds.steps())
            .take()
    }
}

/// The one statement that walks the graph.
fn select(
    backend: DatabaseBackend,
    viewer: &Viewer,
    root: End,
    direction: LineageDirection,
    bounds: Bounds,
) -> SelectStatement {
    let mut ways = WithClause::new().recursive(true).to_owned();
    let mut all: Option<SelectStatement> = None;
    for way in direction.ways() {
        ways.cte(way.steps(backend, viewer, root, bounds));
        let arm = Query::select()
            .column((way.name, Asterisk))
            .from_subquery(way.walked(bounds), way.name)
            .take();
        match &mut all {
            None => all = Some(arm),
            Some(all) => {
                all.union(UnionType::All, arm);
            }
        }
    }
    let carried = |column| (STEPS, column);
    let nearest = || Expr::col((STEPS, DEPTH)).min();
    let mut select = Query::select();
    select
        .columns(CARRIED.map(carried))
        .expr_as(nearest(), "distance")
        .from_subquery(all.unwrap_or_default(), STEPS)
        .and_where(Expr::col((STEPS, DEPTH)).gt(0))
        .group_by_columns(CARRIED.map(carried))
        .order_by_expr(nearest(), Order::Asc);
    for column in ["at", "from_id", "to_id"] {
        select.order_by((STEPS, column), Order::Asc);
    }
    select.limit(bounds.first).with_cte(ways).take()
}

/// The relations around something, the nearest first, as far as the viewer may see the things that they lead to. Around
/// what the viewer may not see there are none.
#[crate::boxed]
pub async fn lineage(
    store: &Store,
    viewer: &Viewer,
    root: End,
    request: LineageRequest,
) -> Result<Vec<Traced>> {
    let bounds = request.check()?;
    let select = select(store.backend(), viewer, root, request.direction, bounds);
    let rows = store.rows(select).await?;
    rows.iter().map(traced).collect()
}

fn traced(row: &Row) -> Result<Traced> {
    let end = |kind: &str, id: &str| -> Result<End> {
        let name: String = row.get(kind)?;
        let entity_type = EntityType::parse(&name)
            .ok_or_else(|| Error::internal(format!("there is no type {name} of things")))?;
        Ok((entity_type, row.get(id)?))
    };
    let name: String = row.get("relation")?;
    let relation = LinkRelation::parse(&name)
        .ok_or_else(|| Error::internal(format!("there is no relation {name}")))?;
    Ok(Traced {
        from: end("from_type", "from_id")?,
        relation,
        to: end("to_type", "to_id")?,
        depth: row.get("distance")?,
        at: row.get("at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_depth_or_a_number_out_of_bounds_is_refused() {
        let request = |depth, first| LineageRequest {
            depth,
            first,
            ..LineageRequest::default()
        };
        let bounds = |depth, first| Bounds { depth, first };
        assert_eq!(request(None, None).check().unwrap(), bounds(5, 100));
        assert_eq!(
            request(Some(10), Some(500)).check().unwrap(),
            bounds(10, 500)
        );
        for (depth, first, named) in [
            (Some(0), None, "depth"),
            (Some(11), None, "depth"),
            (Some(-1), None, "depth"),
            (None, Some(-1), "first"),
            (None, Some(501), "first"),
        ] {
            let Err(Error::BadArgument { argument, .. }) = request(depth, first).check() else {
                panic!("{depth:?} {first:?} was taken");
            };
            assert_eq!(argument, named);
        }
    }
}

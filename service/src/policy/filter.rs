//! The reading rules as SQL conditions. The text of a condition depends on the kind of viewer only, so that prepared
//! statements are found again.

use entity::community::CommunityVisibility;
use entity::item::ItemVisibility;
use entity::membership::{MembershipRole, MembershipState};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use uuid::Uuid;

use crate::store::slot;
use crate::viewer::Viewer;

/// Somebody who is signed in, as far as the credential reaches.
#[derive(Clone, Debug)]
pub struct Reader {
    user: SimpleExpr,
    only: Option<Uuid>,
    /// Whether what one wrote oneself is open to the credential.
    as_author: bool,
}

impl Reader {
    /// The viewer; none for nobody in particular.
    #[must_use]
    pub fn of(viewer: &Viewer) -> Option<Self> {
        let only = viewer.only_community();
        Some(Self {
            user: Expr::value(viewer.user_id()?),
            only,
            // A credential for one community makes an author only there, and only while an active member.
            as_author: only.is_none_or(|only| viewer.role(only).is_some()),
        })
    }

    /// Each of the people whom a column names, as they would be by a session.
    #[must_use]
    pub fn named_by(table: &'static str, column: &'static str) -> Self {
        Self {
            user: Expr::col((table, column)),
            only: None,
            as_author: true,
        }
    }

    /// One of a form, whose ids are the first two slots of a template; none for nobody in particular.
    pub(crate) fn of_form(form: Form) -> Option<Self> {
        let Form::SignedIn { bound, as_author } = form else {
            return None;
        };
        Some(Self {
            user: Expr::value(slot(0)),
            only: bound.then(|| slot(1)),
            as_author,
        })
    }

    /// Whose id it is.
    #[must_use]
    pub fn user(&self) -> SimpleExpr {
        self.user.clone()
    }

    /// The reader is whom a column of a row of a community names as its author, where that opens it to the credential.
    #[must_use]
    pub fn is_author(&self, table: &'static str, column: &'static str) -> Option<Condition> {
        self.is_author_in(table, column, &["community_id"])
    }

    /// The same of a row of several communities, by the columns that name these.
    pub(super) fn is_author_in(
        &self,
        table: &'static str,
        column: &'static str,
        communities: &[&'static str],
    ) -> Option<Condition> {
        if !self.as_author {
            return None;
        }
        let here = self.only.map(|only| {
            let sides = communities.iter();
            sides.fold(Condition::any(), |any, side| {
                any.add(Expr::col((table, *side)).eq(only))
            })
        });
        Some(
            Condition::all()
                .add(Expr::col((table, column)).eq(self.user()))
                .add_option(here),
        )
    }
}

/// What the text of a viewer's conditions depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// Nobody in particular.
    Anonymous,
    /// Somebody who is signed in.
    SignedIn {
        /// Whether the credential is good for one community only.
        bound: bool,
        /// Whether what one wrote oneself is open to the credential.
        as_author: bool,
    },
}

impl Form {
    /// A viewer's.
    pub(crate) fn of(viewer: &Viewer) -> Self {
        Reader::of(viewer).map_or(Self::Anonymous, |reader| Self::SignedIn {
            bound: reader.only.is_some(),
            as_author: reader.as_author,
        })
    }

    /// The ids of a viewer for the first two slots.
    pub(crate) fn ids(viewer: &Viewer) -> [Uuid; 2] {
        let user = viewer.user_id().unwrap_or_default();
        [user, viewer.only_community().unwrap_or_default()]
    }
}

/// The reader's memberships, as far as the credential reaches.
pub(super) fn memberships(reader: &Reader) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr(Expr::value(1))
        .from("membership")
        .and_where(Expr::col(("membership", "user_id")).eq(reader.user()));
    if let Some(only) = reader.only {
        select.and_where(Expr::col(("membership", "community_id")).eq(only));
    }
    select
}

/// The reader's active memberships of the community that a column names.
pub(super) fn active_memberships(
    reader: &Reader,
    community: (&'static str, &'static str),
) -> SelectStatement {
    let mut member = memberships(reader);
    member
        .and_where(Expr::col(("membership", "community_id")).equals(community))
        .and_where(state_is(MembershipState::Active));
    member
}

/// A name that stands in the text of the statement: nothing needs to be bound for it, and the planner knows it.
pub(super) fn name(text: &'static str) -> SimpleExpr {
    SimpleExpr::Constant(text.into())
}

fn state_is(state: MembershipState) -> SimpleExpr {
    Expr::col(("membership", "state")).eq(name(state.as_str()))
}

/// Conditions on `community` for those whose about the viewer may see.
#[must_use]
pub fn visible_communities(viewer: &Viewer) -> Condition {
    match Reader::of(viewer) {
        Some(reader) => communities_visible_to(&reader),
        None => public(),
    }
}

fn communities_visible_to(reader: &Reader) -> Condition {
    let mut known = memberships(reader);
    known
        .and_where(Expr::col(("membership", "community_id")).equals(("community", "id")))
        .and_where(Expr::col(("membership", "state")).is_in([
            name(MembershipState::Active.as_str()),
            name(MembershipState::Invited.as_str()),
        ]));
    Condition::any()
        .add(community_is([
            CommunityVisibility::Public,
            CommunityVisibility::Internal,
            CommunityVisibility::Private,
        ]))
        .add(Expr::exists(known))
}

/// Conditions on `community` for those that the reader sees whole.
#[must_use]
pub fn communities_readable_by(reader: &Reader) -> Condition {
    let member = active_memberships(reader, ("community", "id"));
    Condition::any()
        .add(open_to_all_signed_in())
        .add(Expr::exists(member))
}

/// Conditions on `community` for those that the viewer sees whole.
#[must_use]
pub fn whole_communities(viewer: &Viewer) -> Condition {
    match Reader::of(viewer) {
        Some(reader) => communities_readable_by(&reader),
        None => public(),
    }
}

/// Conditions on `item` for those that the viewer may read.
#[must_use]
pub fn readable_items(viewer: &Viewer) -> Condition {
    items_readable(Reader::of(viewer).as_ref())
}

/// Conditions on `item` for those that a reader may read, or nobody in particular.
pub(crate) fn items_readable(reader: Option<&Reader>) -> Condition {
    match reader {
        Some(reader) => items_readable_by(reader),
        None => for_readers().add(of_community("item", public())),
    }
}

/// Conditions on `item` for those that all who see its community whole may read.
fn for_readers() -> Condition {
    Condition::all()
        .add(Expr::col(("item", "published")).eq(SimpleExpr::Constant(true.into())))
        .add(Expr::col(("item", "visibility")).eq(name(ItemVisibility::Community.as_str())))
}

/// Conditions on `item` for those that the reader may read.
#[must_use]
pub fn items_readable_by(reader: &Reader) -> Condition {
    let visibility = || Expr::col(("item", "visibility"));
    let published = || Expr::col(("item", "published")).eq(SimpleExpr::Constant(true.into()));
    let member = active_memberships(reader, ("item", "community_id"));

    let role_in = |roles: &[MembershipRole]| {
        Expr::col(("membership", "role")).is_in(roles.iter().map(|role| name(role.as_str())))
    };
    let mut by_role = member.clone();
    by_role.cond_where(
        Condition::any()
            .add(
                Condition::all()
                    .add(visibility().eq(name(ItemVisibility::Members.as_str())))
                    .add(published()),
            )
            .add(
                Condition::all()
                    .add(visibility().is_in([
                        name(ItemVisibility::Community.as_str()),
                        name(ItemVisibility::Members.as_str()),
                    ]))
                    .add(role_in(&[
                        MembershipRole::Reviewer,
                        MembershipRole::Steward,
                        MembershipRole::Facilitator,
                    ])),
            )
            .add(
                Condition::all()
                    .add(visibility().eq(name(ItemVisibility::Stewards.as_str())))
                    .add(role_in(&[
                        MembershipRole::Steward,
                        MembershipRole::Facilitator,
                    ])),
            ),
    );
    let open_to_reader = Condition::any()
        .add(for_readers())
        .add(Expr::exists(by_role))
        .add_option(is_author(reader));
    Condition::all()
        .add(
            Condition::any()
                .add(of_community("item", open_to_all_signed_in()))
                .add(Expr::exists(member)),
        )
        .add(open_to_reader)
}

/// The reader is an author of the item, where that opens it to the credential.
pub(super) fn is_author(reader: &Reader) -> Option<SimpleExpr> {
    if !reader.as_author {
        return None;
    }
    let mut author = Query::select();
    author
        .expr(Expr::value(1))
        .from("item_author")
        .and_where(Expr::col(("item_author", "item_id")).equals(("item", "id")))
        .and_where(Expr::col(("item_author", "user_id")).eq(reader.user()));
    if let Some(only) = reader.only {
        author.and_where(Expr::col(("item", "community_id")).eq(only));
    }
    Some(Expr::exists(author))
}

/// Conditions on an `item` that the viewer may read, for those of which the viewer sees drafts too: one's own, and as
/// a reviewer or above. None where the viewer sees no drafts at all.
#[must_use]
pub fn drafts_readable(viewer: &Viewer) -> Option<Condition> {
    let reader = Reader::of(viewer)?;
    let mut reviewer = active_memberships(&reader, ("item", "community_id"));
    reviewer.and_where(Expr::col(("membership", "role")).ne(name(MembershipRole::Member.as_str())));
    Some(
        Condition::any()
            .add(Expr::exists(reviewer))
            .add_option(is_author(&reader)),
    )
}

fn community_is<const N: usize>(visibilities: [CommunityVisibility; N]) -> Condition {
    let names = visibilities.map(|visibility| name(visibility.as_str()));
    Condition::all().add(Expr::col(("community", "visibility")).is_in(names))
}

fn public() -> Condition {
    community_is([CommunityVisibility::Public])
}

fn open_to_all_signed_in() -> Condition {
    community_is([CommunityVisibility::Public, CommunityVisibility::Internal])
}

/// Conditions on a table of what belongs to a community as a whole, for what those see who see all of the community.
#[must_use]
pub fn of_whole_communities(viewer: &Viewer, table: &'static str) -> Condition {
    Condition::all().add(match Reader::of(viewer) {
        Some(reader) => of_community(table, communities_readable_by(&reader)),
        None => of_community(table, public()),
    })
}

/// The community of a row is such.
#[must_use]
pub fn of_community(table: &'static str, condition: Condition) -> SimpleExpr {
    Expr::exists(
        Query::select()
            .expr(Expr::value(1))
            .from("community")
            .and_where(Expr::col(("community", "id")).equals((table, "community_id")))
            .cond_where(condition)
            .take(),
    )
}

/// The condition on such a table for what belongs to communities of which the viewer is an active member; none for
/// nobody in particular.
#[must_use]
pub fn of_own_communities(viewer: &Viewer, table: &'static str) -> Option<SimpleExpr> {
    let reader = Reader::of(viewer)?;
    Some(Expr::exists(active_memberships(
        &reader,
        (table, "community_id"),
    )))
}

/// Conditions on `membership` for those that the viewer may see, as [`super::community::read_membership`] says: one's own
/// in any case, and with it what the community is about.
#[must_use]
pub fn readable_memberships(viewer: &Viewer) -> Condition {
    match Reader::of(viewer) {
        Some(reader) => memberships_readable_by(&reader),
        None => Condition::all()
            .add(state_is(MembershipState::Active))
            .add(of_community("membership", public())),
    }
}

/// The same for those that the reader may see.
#[must_use]
pub fn memberships_readable_by(reader: &Reader) -> Condition {
    let mut own = Condition::all().add(Expr::col(("membership", "user_id")).eq(reader.user()));
    if let Some(only) = reader.only {
        own = own.add(Expr::col(("membership", "community_id")).eq(only));
    }
    let mut member = Query::select();
    member
        .expr(Expr::value(1))
        .from_as("membership", "viewer")
        .and_where(Expr::col(("viewer", "user_id")).eq(reader.user()))
        .and_where(Expr::col(("viewer", "state")).eq(name(MembershipState::Active.as_str())))
        .and_where(Expr::col(("viewer", "community_id")).equals(("membership", "community_id")));
    if let Some(only) = reader.only {
        member.and_where(Expr::col(("viewer", "community_id")).eq(only));
    }
    let mut facilitator = member.clone();
    facilitator
        .and_where(Expr::col(("viewer", "role")).eq(name(MembershipRole::Facilitator.as_str())));
    Condition::any()
        .add(own)
        .add(
            Condition::all().add(state_is(MembershipState::Active)).add(
                Condition::any()
                    .add(of_community("membership", open_to_all_signed_in()))
                    .add(Expr::exists(member)),
            ),
        )
        .add(Expr::exists(facilitator))
}

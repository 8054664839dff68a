//! Making organizations.

use entity::change::{EntityType, Operation};
use entity::organization::{self, Sector};
use futures_util::FutureExt;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::{FaultCode, Result};
use crate::policy::{audience, platform};
use crate::store::{PendingChange, Store, WriteUnit, Written};
use crate::text::{fold, slugify};
use crate::validation::{Faults, TITLE};
use crate::viewer::{Scope, Viewer};

/// A new organization.
#[derive(Clone, Debug)]
pub struct CreateOrganization {
    /// Its name.
    pub name: String,
    /// Its sector.
    pub sector: Sector,
    /// Its home page.
    pub url: Option<String>,
    /// Its unique readable name in addresses; made of the name when absent.
    pub slug: Option<String>,
}

/// Makes an organization, as an administrator.
#[crate::boxed]
pub async fn create_organization(
    store: &Store,
    viewer: &Viewer,
    input: CreateOrganization,
) -> Result<Written<organization::Model>> {
    let actor = viewer.require(Scope::Write)?;
    platform::manage_organizations(viewer).require(&[], "organization")?;
    store
        .write(Some(actor), move |unit| {
            async move {
                let checked = check(unit, input).await?;
                insert(unit, checked).await
            }
            .boxed()
        })
        .await
}

struct Checked {
    name: String,
    slug: String,
    sector: Sector,
    url: Option<String>,
}

async fn check(unit: &WriteUnit, input: CreateOrganization) -> Result<Checked> {
    let mut faults = Faults::default();
    let name = faults.text(&["input", "name"], &input.name, TITLE);
    let url = input
        .url
        .filter(|url| !url.trim().is_empty())
        .map(|url| faults.url(&["input", "url"], &url));
    let slug = match input.slug {
        Some(slug) => {
            let slug = faults.slug(&["input", "slug"], &slug);
            if is_taken(unit, &slug).await? {
                faults.add(
                    FaultCode::Taken,
                    &["input", "slug"],
                    "Another organization has this slug.",
                );
            }
            slug
        }
        None => free_slug(unit, &name).await?,
    };
    faults.check()?;
    Ok(Checked {
        name,
        slug,
        sector: input.sector,
        url,
    })
}

async fn insert(unit: &mut WriteUnit, checked: Checked) -> Result<organization::Model> {
    let row = organization::ActiveModel {
        id: Set(Uuid::now_v7()),
        name_key: Set(fold(&checked.name)),
        name: Set(checked.name),
        slug: Set(checked.slug),
        sector: Set(checked.sector),
        url: Set(checked.url),
        created_at: Set(unit.now()),
        updated_at: Set(unit.now()),
    }
    .insert(unit.db())
    .await?;
    unit.record(PendingChange {
        entity_type: EntityType::Organization,
        entity_id: row.id,
        operation: Operation::Created,
        community_id: None,
        fields: ["name", "slug", "sector", "url"]
            .map(str::to_owned)
            .to_vec(),
        audience_before: None,
        audience_after: Some(audience::of_everybody()),
    });
    Ok(row)
}

async fn is_taken(unit: &WriteUnit, slug: &str) -> Result<bool> {
    // No organization has it, and PostgreSQL takes no NUL.
    if slug.contains('\0') {
        return Ok(false);
    }
    Ok(organization::Entity::find()
        .filter(organization::Column::Slug.eq(slug))
        .one(unit.db())
        .await?
        .is_some())
}

/// A slug that no organization has, made of the name: the name itself, then with a number, then with random letters.
async fn free_slug(unit: &WriteUnit, name: &str) -> Result<String> {
    let slug = slugify(name);
    let mut base: String = slug.chars().take(48).collect();
    base.truncate(base.trim_end_matches('-').len());
    if base.len() < 2 {
        "organization".clone_into(&mut base);
    }
    for number in 1..10 {
        let slug = if number == 1 {
            base.clone()
        } else {
            format!("{base}-{number}")
        };
        if !is_taken(unit, &slug).await? {
            return Ok(slug);
        }
    }
    let random = Uuid::new_v4().simple().to_string();
    Ok(format!("{base}-{}", random.get(..10).unwrap_or(&random)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::organization::{by_ids, by_slug, count, page};
    use crate::paging::PageRequest;
    use crate::testing;
    use entity::user::PlatformRole;

    fn named(name: &str) -> CreateOrganization {
        CreateOrganization {
            name: name.into(),
            sector: Sector::Education,
            url: Some("https://example.org".into()),
            slug: None,
        }
    }

    #[tokio::test]
    async fn organizations_are_made_found_and_paged_by_name() {
        let (_directory, store) = testing::store().await;
        let admin = testing::user(&store, "admin", PlatformRole::Admin).await;
        let admin = testing::viewer(&store, admin.id).await;
        let mut made = Vec::new();
        for name in [
            "Zürich School Board",
            "École nationale",
            "école nationale",
            "日本",
        ] {
            let written = create_organization(&store, &admin, named(name))
                .await
                .unwrap();
            made.push(written.value);
        }
        let slugs: Vec<_> = made.iter().map(|row| row.slug.as_str()).collect();
        assert_eq!(
            slugs,
            [
                "zurich-school-board",
                "ecole-nationale",
                "ecole-nationale-2",
                "organization"
            ]
        );
        let found = by_slug(&store, &admin, "ecole-nationale").await.unwrap();
        assert_eq!(found.as_ref(), Some(&made[1]));
        let found = by_ids(&store, &admin, &[made[0].id, Uuid::now_v7()])
            .await
            .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(count(&store, &admin).await.unwrap(), 4);

        let mut request = PageRequest {
            first: Some(3),
            ..PageRequest::default()
        };
        let first = page(&store, &admin, &request).await.unwrap();
        assert!(first.has_next && !first.has_previous);
        request.after = first.rows.last().map(|(cursor, _)| cursor.clone());
        let second = page(&store, &admin, &request).await.unwrap();
        let names: Vec<_> = first
            .rows
            .into_iter()
            .chain(second.rows)
            .map(|(_, row)| row.name)
            .collect();
        assert_eq!(
            names,
            [
                "École nationale",
                "école nationale",
                "Zürich School Board",
                "日本"
            ]
        );
        let changes = testing::changes(&store, EntityType::Organization).await;
        assert_eq!(changes.len(), 4);
        assert_eq!(changes[0].audience_after.as_ref().unwrap().0, ["public"]);
    }

    #[tokio::test]
    async fn only_administrators_make_organizations() {
        let (_directory, store) = testing::store().await;
        let ada = testing::user(&store, "ada", PlatformRole::Analyst).await;
        let viewer = testing::viewer(&store, ada.id).await;
        let refused = create_organization(&store, &viewer, named("Ours")).await;
        let Err(Error::Refused(faults)) = refused else {
            panic!("an analyst is no administrator")
        };
        assert_eq!(faults[0].code, FaultCode::Forbidden);
        assert_eq!(count(&store, &viewer).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn all_faults_of_an_organization_are_told_at_once() {
        let (_directory, store) = testing::store().await;
        let admin = testing::user(&store, "admin", PlatformRole::Admin).await;
        let admin = testing::viewer(&store, admin.id).await;
        create_organization(&store, &admin, named("Taken"))
            .await
            .unwrap();
        let wrong = CreateOrganization {
            name: " ".into(),
            sector: Sector::Other,
            url: Some("nowhere".into()),
            slug: Some("taken".into()),
        };
        let Err(Error::Refused(faults)) = create_organization(&store, &admin, wrong).await else {
            panic!("three faults")
        };
        let found: Vec<_> = faults
            .iter()
            .map(|fault| (fault.code, fault.field.join(".")))
            .collect();
        let invisible = CreateOrganization {
            slug: Some("a\0b".into()),
            ..named("Ours")
        };
        let refused = create_organization(&store, &admin, invisible).await;
        assert!(matches!(refused, Err(Error::Refused(_))));
        assert_eq!(
            found,
            [
                (FaultCode::Required, "input.name".to_owned()),
                (FaultCode::Invalid, "input.url".to_owned()),
                (FaultCode::Taken, "input.slug".to_owned()),
            ]
        );
    }
}

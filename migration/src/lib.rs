//! Repertoire's database schema: forward migrations that the previous version can still serve under (expand, then
//! contract), the same for SQLite and PostgreSQL.

mod columns;
mod m20261123_000001_people;
mod m20261123_000002_community;
mod m20261123_000003_repertoire;
mod m20261123_000004_change_log;
mod m20261123_000005_link;
mod m20261123_000006_review;
mod m20261123_000007_discussion;
mod m20261123_000008_activity;
mod m20261124_000009_projection;
mod m20261124_000010_interaction;
mod m20261124_000011_mail;
mod m20261124_000012_evolution;
mod m20261124_000013_upkeep;
mod m20261130_000014_pilot;
mod m20261130_000015_experience_report;
mod m20261130_000016_adoption;
mod m20261130_000017_evidence;
mod m20261130_000018_rating;
mod m20261130_000019_lineage;
mod m20261130_000020_collection;
mod m20261130_000021_value_story;
mod m20261130_000022_boundary_share;
mod m20261130_000027_saved_search;
mod m20261130_000028_missed_search;
mod m20261201_000029_change_feed;
mod m20261201_000030_sync;
mod m20261201_000031_idempotency;
mod m20261201_000032_webhook;
mod m20261201_000033_operation;
mod m20261201_000039_abandoned_search;
mod m20261201_000040_item_tag;
mod m20261201_000041_search_count;
mod m20261201_000042_related_domain;
mod m20261201_000043_competency;
mod m20261201_000044_cadence;
mod m20261201_000045_practice_settings;
mod m20261201_000046_item_byline;
mod m20261201_000047_health;
mod m20261201_000050_erased_identity;
mod m20261201_000054_merged_domain;

pub use sea_orm_migration::{MigratorTrait, sea_orm};

use sea_orm_migration::MigrationTrait;

/// All migrations, oldest first.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_people::Migration),
            Box::new(m20261123_000002_community::Migration),
            Box::new(m20261123_000003_repertoire::Migration),
            Box::new(m20261123_000004_change_log::Migration),
            Box::new(m20261123_000005_link::Migration),
            Box::new(m20261123_000006_review::Migration),
            Box::new(m20261123_000007_discussion::Migration),
            Box::new(m20261123_000008_activity::Migration),
            Box::new(m20261124_000009_projection::Migration),
            Box::new(m20261124_000010_interaction::Migration),
            Box::new(m20261124_000011_mail::Migration),
            Box::new(m20261124_000012_evolution::Migration),
            Box::new(m20261124_000013_upkeep::Migration),
            Box::new(m20261130_000014_pilot::Migration),
            Box::new(m20261130_000015_experience_report::Migration),
            Box::new(m20261130_000016_adoption::Migration),
            Box::new(m20261130_000017_evidence::Migration),
            Box::new(m20261130_000018_rating::Migration),
            Box::new(m20261130_000019_lineage::Migration),
            Box::new(m20261130_000020_collection::Migration),
            Box::new(m20261130_000021_value_story::Migration),
            Box::new(m20261130_000022_boundary_share::Migration),
            Box::new(m20261130_000027_saved_search::Migration),
            Box::new(m20261130_000028_missed_search::Migration),
            Box::new(m20261201_000029_change_feed::Migration),
            Box::new(m20261201_000030_sync::Migration),
            Box::new(m20261201_000031_idempotency::Migration),
            Box::new(m20261201_000032_webhook::Migration),
            Box::new(m20261201_000033_operation::Migration),
            Box::new(m20261201_000039_abandoned_search::Migration),
            Box::new(m20261201_000040_item_tag::Migration),
            Box::new(m20261201_000041_search_count::Migration),
            Box::new(m20261201_000042_related_domain::Migration),
            Box::new(m20261201_000043_competency::Migration),
            Box::new(m20261201_000044_cadence::Migration),
            Box::new(m20261201_000045_practice_settings::Migration),
            Box::new(m20261201_000046_item_byline::Migration),
            Box::new(m20261201_000047_health::Migration),
            Box::new(m20261201_000050_erased_identity::Migration),
            Box::new(m20261201_000054_merged_domain::Migration),
        ]
    }
}

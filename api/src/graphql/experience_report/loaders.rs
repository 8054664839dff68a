//! What is asked of many reports at once.

use service::experience_report::by_ids;

use super::ExperienceReport;
use crate::graphql::loaders::by_id;

by_id!(
    /// A report that the viewer may read.
    ReportById => ExperienceReport, by_ids
);

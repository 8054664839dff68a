//! How far somebody lets others read what they tell.

stored_enum! {
    /// Who may read what somebody tells, in rising order.
    Consent {
        /// Who wrote it, and of a report those who made what it is about.
        Authors = "AUTHORS",
        /// The active members of the community too.
        Members = "MEMBERS",
        /// Everybody who may read what it is about, or sees the community.
        Public = "PUBLIC",
    }
}

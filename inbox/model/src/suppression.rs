//! Why an address gets no bulk messages.

text_enum! {
    pub enum SuppressionReason {
        /// The customer said so: STOP.
        OptOut = "opt_out",
        /// The address does not exist.
        Bounce = "bounce",
        /// The customer called it spam.
        Complaint = "complaint",
        /// A member of the account entered it.
        Manual = "manual",
    }
}

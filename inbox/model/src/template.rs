//! What a template does when a value is missing.

text_enum! {
    /// What becomes of a variable that no source has a value for and that has no inline default.
    pub enum FallbackStrategy {
        /// The text stays as it was written.
        KeepPlaceholder = "keep_placeholder",
        /// The template's `default_values`; where those have no entry, the text stays.
        UseDefault = "use_default",
        /// The contact gets no message.
        SkipContact = "skip_contact",
    }
}

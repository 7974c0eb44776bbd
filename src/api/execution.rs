//! What an execution's `status` means.

/// The status of an execution, as far as the client decides by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All outputs are there.
    Completed,
    /// It ended in failure.
    Failed,
    /// It was cancelled; with two l's on the wire.
    Cancelled,
    /// `queued`, `running`, or one that is not known yet: not over.
    Other,
}

impl Status {
    /// Reads the wire's word.
    #[must_use]
    pub fn parse(status: &str) -> Self {
        match status {
            "completed" => Self::Completed,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            _ => Self::Other,
        }
    }

    /// Whether nothing will change any more.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        self != Self::Other
    }
}

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn only_three_words_are_final() {
        for word in ["completed", "failed", "cancelled"] {
            assert!(Status::parse(word).is_terminal(), "{word}");
        }
        for word in ["queued", "running", "canceled", "Completed", "needs_input", "", "error"] {
            assert!(!Status::parse(word).is_terminal(), "{word}");
        }
    }
}

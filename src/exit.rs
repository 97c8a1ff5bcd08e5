//! Every exit code of the program. Nothing else may end the process with a number.

/// How a command ended. With several answers the worst one counts: see [`Exit::worst`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Exit {
    /// Done, or nothing to say.
    #[default]
    Ok,
    /// The answer is no: drift found, unhealthy, a sync or a verification failed.
    No,
    /// The question could not be answered: usage, configuration, an unreachable cluster, a failed render.
    Unanswered,
    /// Stopped by SIGINT or SIGTERM.
    Interrupted,
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::No => 1,
            Self::Unanswered => 2,
            Self::Interrupted => 130,
        }
    }

    /// 130 outranks 2, 2 outranks 1, 1 outranks 0.
    #[must_use]
    pub fn worst(self, other: Self) -> Self {
        self.max(other)
    }
}

impl FromIterator<Self> for Exit {
    fn from_iter<I: IntoIterator<Item = Self>>(exits: I) -> Self {
        exits.into_iter().fold(Self::Ok, Self::worst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unanswered_app_outranks_a_drifted_one() {
        let exit: Exit = [Exit::No, Exit::Unanswered, Exit::Ok].into_iter().collect();
        assert_eq!(exit.code(), 2);
    }
}

//! Incidents: periods in which a monitor's status called for people. Pure: what is open and what changed come in, what
//! happens to it comes out. It never learns what time it is by itself, and it does not know who is told.

mod decide;
mod flaps;

use std::{fmt, str::FromStr};

use serde::Serialize;

pub use decide::{Act, Open, decide};
pub use flaps::Flaps;

/// A closed enum and its words: the same in SQL and API.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$each])* $variant),* }

        impl $name {
            /// Every value, in declared order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word, the same in SQL and API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(s: &str) -> Result<Self, String> {
                match s { $($word => Ok(Self::$variant),)* _ => Err(format!("`{s}` is none of {}", [$($word),*].join(", "))) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }
    };
}

words! {
    /// What an incident is about.
    Kind {
        /// A monitor is not up.
        Availability = "availability",
        /// A monitor's certificate ends soon.
        Certificate = "certificate",
        /// A monitor was checked less than it should be.
        Coverage = "coverage",
        /// A region's probes are gone or cannot trust what they see.
        Region = "region",
    }
}

words! {
    /// How bad it is; what is no availability incident has its kind for a level. Policies say which are sent.
    Level {
        /// Checked too little.
        Coverage = "coverage",
        /// A certificate ends soon.
        Certificate = "certificate",
        /// A region is sick.
        Region = "region",
        /// A quorum finds it slow.
        Degraded = "degraded",
        /// Some regions find it down, too few for a quorum.
        Regional = "regional",
        /// A quorum finds it down.
        Down = "down",
    }
}

words! {
    /// Where an incident stands.
    State {
        /// Nobody took it.
        Open = "open",
        /// Somebody looks after it: no reminders.
        Acknowledged = "acknowledged",
        /// Over.
        Resolved = "resolved",
    }
}

words! {
    /// An entry of a timeline.
    What {
        /// It began.
        Opened = "opened",
        /// It is worse than it ever was.
        Escalated = "escalated",
        /// It is another level, none worse than before.
        Changed = "changed",
        /// It comes and goes.
        Flapping = "flapping",
        /// Somebody took it.
        Acknowledged = "acknowledged",
        /// Channels were reminded.
        Reminded = "reminded",
        /// Somebody said something.
        Commented = "commented",
        /// It is over.
        Resolved = "resolved",
    }
}

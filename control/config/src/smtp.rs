//! What follows from the mail server's settings.

use super::{Security, Smtp};

impl Smtp {
    /// The port, whether given or the usual one.
    pub fn port(&self) -> u16 {
        match (self.port, self.security) {
            (0, Security::Starttls) => 587,
            (0, Security::Tls) => 465,
            (0, Security::None) => 25,
            (given, _) => given,
        }
    }
}

//! A real mail server with a certificate of its own: `aiosmtpd`, which wants TLS and a sign-in.

use std::{fs, path::Path};

use serde_json::Value;
use testbed::{certified::Certified, process::Process, servers::free_port};

use super::eventually;

/// A running mail server.
pub struct MailServer {
    process: Process,
    port: String,
    security: &'static str,
    ca: String,
    seen: usize,
}

impl MailServer {
    /// Its files are kept in `dir`; `security` is `starttls` or `tls`.
    pub fn start(dir: &Path, security: &'static str) -> Self {
        Self::showing(Certified::new(dir).unwrap(), dir, security)
    }

    /// The same with this certificate.
    pub fn showing(certified: Certified, dir: &Path, security: &'static str) -> Self {
        let Certified { cert, key, ca } = certified;
        let port = free_port().unwrap().to_string();
        let mut python = testbed::python::with_packages(&["aiosmtpd"]).unwrap();
        python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/smtpd.py"));
        python.args([port.as_str(), security]).args([cert, key]);
        let process = Process::spawn("smtpd", python, &dir.join("smtpd.log")).unwrap();
        let mut server = Self { process, port, security, ca: ca.to_str().unwrap().to_owned(), seen: 0 };
        assert_eq!(server.next()["ready"], true);
        server
    }

    /// What tells a replica of it.
    pub fn variables(&self) -> Vec<(&str, &str)> {
        vec![
            ("UPGUARD_SMTP__HOST", "127.0.0.1"),
            ("UPGUARD_SMTP__PORT", &self.port),
            ("UPGUARD_SMTP__SECURITY", self.security),
            ("UPGUARD_SMTP__USER", "upguard"),
            ("UPGUARD_SMTP__PASSWORD", "correct horse"),
            ("UPGUARD_SMTP__FROM", "UpGuard ä <alerts@up.example.org>"),
            ("UPGUARD_SMTP__CA", &self.ca),
        ]
    }

    /// The next line it says, once it is there: a mail.
    #[track_caller]
    pub fn next(&mut self) -> Value {
        let (process, seen) = (&mut self.process, self.seen);
        let line = eventually("the mail server says something", || {
            assert!(process.is_running(), "it ended:\n{}", process.log_tail(30));
            let log = fs::read_to_string(process.log()).unwrap_or_default();
            log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).nth(seen)
        });
        self.seen += 1;
        line
    }
}

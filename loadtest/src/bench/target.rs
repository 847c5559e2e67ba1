//! What is checked, and the yardstick: nginx answering from memory without an access log, and wrk asking it.
//!
//! One worker: wrk and a probe on one thread each have a core then, and nginx the other.

use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, bail};
use testbed::{
    http,
    process::{Process, find_in_path},
    servers::free_port,
};

/// A private nginx; stopped when dropped.
pub(super) struct Nginx {
    process: Process,
    port: u16,
}

impl Nginx {
    pub(super) fn start(dir: &Path) -> Result<Self> {
        let program = find_in_path("nginx").context("nginx is not installed: apt-get install nginx wrk")?;
        let port = free_port()?;
        let home = dir.join("nginx");
        fs::create_dir_all(&home)?;
        let config = home.join("nginx.conf");
        fs::write(&config, configuration(&home, port))?;
        let mut command = Command::new(program);
        command.arg("-p").arg(&home).arg("-c").arg(&config).arg("-e").arg(home.join("error.log"));
        let process = Process::spawn("nginx", command, &dir.join("logs/nginx.log"))?;
        let mut nginx = Self { process, port };
        for _ in 0..100 {
            if http::is_ok(&nginx.url()) {
                return Ok(nginx);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!(
            "nginx does not answer: {}",
            nginx.process.try_wait().map_or(nginx.process.log_tail(10), |s| s.to_string())
        )
    }

    /// Its one page.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    pub(super) fn pid(&self) -> i32 {
        self.process.pid()
    }

    /// Requests a second that `wrk -t1 -c64 -H 'Connection: close'` gets answered.
    pub(super) fn wrk(&self, seconds: u64) -> Result<f64> {
        let output = Command::new("wrk")
            .args(["-t1", "-c64", &format!("-d{seconds}s"), "-H", "Connection: close", &self.url()])
            .output()
            .context("wrk is not installed: apt-get install wrk")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let rate = text.lines().find_map(|line| line.strip_prefix("Requests/sec:")?.trim().parse().ok());
        rate.with_context(|| format!("wrk says no Requests/sec: {text}"))
    }
}

fn configuration(home: &Path, port: u16) -> String {
    let home = home.display();
    let temp =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {home}/{kind};"));
    format!(
        "daemon off;\nworker_processes 1;\npid {home}/nginx.pid;\nevents {{ worker_connections 16384; multi_accept on; }}\n\
         http {{\n access_log off;\n keepalive_timeout 0;\n {}\n \
         server {{ listen 127.0.0.1:{port} backlog=8192; location / {{ return 200 'ok\\n'; }} }}\n}}\n",
        temp.join(" ")
    )
}

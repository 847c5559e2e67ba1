//! A raw connection to Redis: commands go out as they are given, bytes and all, several before the first reply is read.
//! The product's own client would refuse to send half of what an attacker does.
//! <https://redis.io/docs/latest/develop/reference/protocol-spec/>

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// How long a reply may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest text of a reply, bytes.
const TEXT_MAX: usize = 64 << 20;

/// What Redis answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// `+OK` and its like.
    Simple(String),
    /// An error, its code in front.
    Error(String),
    /// A number.
    Number(i64),
    /// Bytes.
    Bulk(Vec<u8>),
    /// Nothing.
    Nil,
    /// Several.
    Array(Vec<Reply>),
}

impl Reply {
    /// Its text, where it is one.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Simple(text) => Some(text.clone()),
            Self::Bulk(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Self::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The value behind `name` in a flat list of names and values.
    pub fn field(&self, name: &str) -> Option<&Reply> {
        let Self::Array(items) = self else { return None };
        let mut pairs = items.as_chunks::<2>().0.iter();
        pairs.find(|[key, _]| key.text().is_some_and(|text| text == name)).map(|[_, value]| value)
    }
}

/// One connection.
pub struct Socket {
    reader: BufReader<TcpStream>,
}

impl Socket {
    /// Connects to Redis on this machine as `user`; without one as whoever needs no password.
    pub fn open(port: u16, user: Option<(&str, &str)>) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).context("Redis does not accept a connection")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut socket = Self { reader: BufReader::new(stream) };
        if let Some((user, password)) = user {
            let reply = socket.ask(&["AUTH", user, password])?;
            if reply != Reply::Simple("OK".to_owned()) {
                bail!("Redis refuses {user}: {reply:?}");
            }
        }
        Ok(socket)
    }

    /// Sends commands without waiting for what they are answered.
    pub fn send<'a>(&mut self, commands: impl IntoIterator<Item = &'a [Vec<u8>]>) -> Result<()> {
        let mut bytes = Vec::new();
        for args in commands {
            encode(args, &mut bytes);
        }
        self.reader.get_mut().write_all(&bytes).context("Redis takes no more")
    }

    /// The next reply.
    pub fn read(&mut self) -> Result<Reply> {
        let line = self.line()?;
        let Some((kind, rest)) = line.split_at_checked(1) else { bail!("an empty line from Redis") };
        match kind {
            "+" => Ok(Reply::Simple(rest.to_owned())),
            "-" => Ok(Reply::Error(rest.to_owned())),
            ":" => Ok(Reply::Number(rest.parse().context("a number from Redis")?)),
            "$" => self.bulk(rest.parse().context("a length from Redis")?),
            "*" => self.array(rest.parse().context("a length from Redis")?),
            _ => bail!("Redis answers a line of no known kind: {line}"),
        }
    }

    /// Sends one command and waits for its reply.
    pub fn ask(&mut self, args: &[&str]) -> Result<Reply> {
        let args: Vec<_> = args.iter().map(|arg| arg.as_bytes().to_vec()).collect();
        self.send([args.as_slice()])?;
        self.read()
    }

    fn line(&mut self) -> Result<String> {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line)?;
        let Some(line) = line.strip_suffix(b"\r\n") else { bail!("Redis closed the connection") };
        Ok(String::from_utf8_lossy(line).into_owned())
    }

    fn bulk(&mut self, length: i64) -> Result<Reply> {
        let Ok(length) = usize::try_from(length) else { return Ok(Reply::Nil) };
        if length > TEXT_MAX {
            bail!("a reply of {length} bytes");
        }
        let mut bytes = vec![0; length + 2];
        self.reader.read_exact(&mut bytes)?;
        bytes.truncate(length);
        Ok(Reply::Bulk(bytes))
    }

    fn array(&mut self, length: i64) -> Result<Reply> {
        let Ok(length) = usize::try_from(length) else { return Ok(Reply::Nil) };
        (0..length).map(|_| self.read()).collect::<Result<_>>().map(Reply::Array)
    }
}

fn encode(args: &[Vec<u8>], bytes: &mut Vec<u8>) {
    bytes.extend(format!("*{}\r\n", args.len()).into_bytes());
    for arg in args {
        bytes.extend(format!("${}\r\n", arg.len()).into_bytes());
        bytes.extend_from_slice(arg);
        bytes.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use crate::servers::Redis;

    use super::*;

    #[test]
    fn bytes_go_out_as_they_are_and_replies_come_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let redis = Redis::start(folder.path(), &[]).unwrap();
        let mut socket = Socket::open(redis.port(), None).unwrap();
        let command = |args: &[&[u8]]| args.iter().map(|arg| arg.to_vec()).collect::<Vec<_>>();
        let commands = [
            command(&[b"XADD", b"s", b"5-1", b"v", b"\0\r\n\xff"]),
            command(&[b"XADD", b"s", b"5-1", b"v", b""]),
            command(&[b"XLEN", b"s"]),
            command(&[b"XRANGE", b"s", b"-", b"+"]),
            command(&[b"GET", b"nothing"]),
        ];
        socket.send(commands.iter().map(Vec::as_slice)).unwrap();
        let replies: Vec<_> = commands.iter().map(|_| socket.read().unwrap()).collect();
        assert_eq!(replies[0].text().as_deref(), Some("5-1"));
        assert!(matches!(&replies[1], Reply::Error(why) if why.starts_with("ERR ")), "{:?}", replies[1]);
        assert_eq!(replies[2], Reply::Number(1));
        let Reply::Array(entries) = &replies[3] else { panic!("{:?}", replies[3]) };
        let Reply::Array(entry) = &entries[0] else { panic!("{entries:?}") };
        assert_eq!(entry[1].field("v"), Some(&Reply::Bulk(b"\0\r\n\xff".to_vec())));
        assert_eq!(replies[4], Reply::Nil);
    }

    #[test]
    fn a_user_is_who_it_says_or_gets_no_connection() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("users.acl");
        std::fs::write(&file, "user default off\nuser eu on >secret +ping\n").unwrap();
        let redis = Redis::start(folder.path(), &["--aclfile", file.to_str().unwrap()]).unwrap();
        assert!(Socket::open(redis.port(), Some(("eu", "wrong"))).is_err());
        let mut socket = Socket::open(redis.port(), Some(("eu", "secret"))).unwrap();
        assert_eq!(socket.ask(&["PING"]).unwrap(), Reply::Simple("PONG".to_owned()));
        assert!(matches!(socket.ask(&["FLUSHALL"]).unwrap(), Reply::Error(why) if why.starts_with("NOPERM")));
    }
}

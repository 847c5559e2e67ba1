//! Whose a request is: the address at the end of the proxies we trust.

use std::net::IpAddr;

use ::http::Request;
use ipnet::IpNet;
use warp::{Filter, Rejection};

/// The client's address, as a request extension.
#[derive(Clone, Copy, Debug)]
struct Client(IpAddr);

/// The address of whoever asks, proxies seen through.
pub(crate) fn client() -> impl Filter<Extract = (IpAddr,), Error = Rejection> + Copy {
    warp::ext::get::<Client>().map(|client: Client| client.0)
}

/// Notes with a request whose it is. Returns the address.
pub(crate) fn note<B>(peer: IpAddr, request: &mut Request<B>, trusted: &[IpNet]) -> IpAddr {
    let client = client_of(peer, request, trusted);
    request.extensions_mut().insert(Client(client));
    client
}

/// From the right, the first address that is no proxy of ours: whatever stands further left, anybody could have written.
fn client_of<B>(peer: IpAddr, request: &Request<B>, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address.to_canonical()));
    let mut client = peer.to_canonical();
    let forwarded = request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    for hop in hops.iter().rev() {
        if !is_trusted(client) {
            break;
        }
        let Ok(address) = hop.parse::<IpAddr>() else { break };
        client = address.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_believed_from_the_right_and_only_ours() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let client = |peer: &str, forwarded: &[&str]| {
            let mut request = Request::builder();
            for value in forwarded {
                request = request.header("x-forwarded-for", *value);
            }
            client_of(peer.parse().unwrap(), &request.body(()).unwrap(), &trusted).to_string()
        };
        assert_eq!(client("192.0.2.9", &["198.51.100.1"]), "192.0.2.9");
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["1.1.1.1", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.1, nonsense"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }
}

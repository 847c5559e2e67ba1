use config::{Rate, Signup};
use jsonwebtoken::{EncodingKey, encode};

use super::*;

const OLD: &str = "an old secret of more than 32 bytes length";
const NEW: &str = "a new secret, also longer than 32 bytes is";
const NOW: i64 = 1_800_000_000;

fn tokens(secrets: &[&str]) -> Tokens {
    Tokens::new(&Auth {
        secret: Secret::default(),
        secrets: secrets.iter().map(|secret| Secret::from(*secret)).collect(),
        access_ttl: Duration::from_mins(15),
        refresh_ttl: Duration::from_hours(1),
        signup: Signup::Open,
        rate: Rate { account: 0, address: 0 },
    })
}

fn signed(tokens: &Tokens) -> String {
    tokens.sign(UserId::new(), OrgId::new(), SignInId::new(), NOW).unwrap()
}

#[test]
fn a_token_is_good_until_it_expires() {
    let tokens = tokens(&[OLD]);
    let (user, org, sign_in) = (UserId::new(), OrgId::new(), SignInId::new());
    let token = tokens.sign(user, org, sign_in, NOW).unwrap();
    let claims = tokens.verify(&token, NOW + 899).unwrap();
    assert_eq!((claims.sub, claims.org, claims.sid, claims.iat), (user, org, sign_in, NOW));
    assert_eq!(tokens.verify(&token, NOW + 900), Err(TokenError::Expired));
}

#[test]
fn nobody_else_can_write_one() {
    let tokens = tokens(&[OLD]);
    let good = signed(&tokens);
    let claims = tokens.verify(&good, NOW).unwrap();
    let kid = jsonwebtoken::decode_header(&good).unwrap().kid;
    let forge = |algorithm, kid: Option<String>, claims: &Claims, secret: &str| {
        let header = Header { kid, ..Header::new(algorithm) };
        encode(&header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    };
    let mut other_issuer = claims.clone();
    other_issuer.iss = "somebody".into();
    let mut other_audience = claims.clone();
    other_audience.aud = "elsewhere".into();
    let (head, rest) = good.split_once('.').unwrap();
    let (body, _) = rest.split_once('.').unwrap();
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}.");
    for (what, bad) in [
        ("another key", forge(Algorithm::HS256, kid.clone(), &claims, NEW)),
        ("another algorithm with the right key", forge(Algorithm::HS512, kid.clone(), &claims, OLD)),
        ("no key id", forge(Algorithm::HS256, None, &claims, OLD)),
        ("another key id", forge(Algorithm::HS256, Some("x".into()), &claims, OLD)),
        ("another issuer", forge(Algorithm::HS256, kid.clone(), &other_issuer, OLD)),
        ("another audience", forge(Algorithm::HS256, kid.clone(), &other_audience, OLD)),
        ("algorithm none", none),
        ("no signature", format!("{head}.{body}.")),
        ("nonsense", "x.y.z".into()),
        ("nothing", String::new()),
    ] {
        assert_eq!(tokens.verify(&bad, NOW), Err(TokenError::Invalid), "{what}");
    }
    assert!(tokens.verify(&forge(Algorithm::HS256, kid, &claims, OLD), NOW).is_ok());
}

#[test]
fn secrets_rotate() {
    let (before, during, after) = (tokens(&[OLD]), tokens(&[NEW, OLD]), tokens(&[NEW]));
    let (old, new) = (signed(&before), signed(&during));
    assert!(during.verify(&old, NOW).is_ok());
    assert!(during.verify(&new, NOW).is_ok());
    assert!(after.verify(&new, NOW).is_ok());
    assert_eq!(after.verify(&old, NOW), Err(TokenError::Invalid));
    assert_eq!(before.verify(&new, NOW), Err(TokenError::Invalid));
}

#[test]
fn a_refresh_token_always_has_the_same_successor() {
    let tokens = tokens(&[NEW, OLD]);
    let first = OpaqueToken::random();
    let next: Vec<_> = tokens.successors(&first).collect();
    assert_eq!(next, tokens.successors(&OpaqueToken::presented(first.reveal())).collect::<Vec<_>>());
    assert_eq!(next.len(), 2);
    assert!(next[0] != next[1] && next[0] != first);
    assert_eq!((first.reveal().len(), first.hash().len()), (64, 32));
    assert_ne!(first, OpaqueToken::random());
    assert!(!format!("{first:?}").contains(first.reveal()));
}

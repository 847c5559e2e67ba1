//! Which signatures are understood: those of ring, and of ECDSA what ring leaves out (P-521, and SHA-512 with any curve). Authorities use
//! these, and browsers take some of them; refusing them would be our limit told as the site's fault.

use std::fmt;

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use ring::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use rustls::SignatureScheme as Scheme;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};
use webpki::ring as usual;

static P256_SHA512: Ecdsa = Ecdsa::new(alg_id::ECDSA_P256, alg_id::ECDSA_SHA512, &SHA512, p256);
static P384_SHA512: Ecdsa = Ecdsa::new(alg_id::ECDSA_P384, alg_id::ECDSA_SHA512, &SHA512, p384);
static P521_SHA256: Ecdsa = Ecdsa::new(alg_id::ECDSA_P521, alg_id::ECDSA_SHA256, &SHA256, p521);
static P521_SHA384: Ecdsa = Ecdsa::new(alg_id::ECDSA_P521, alg_id::ECDSA_SHA384, &SHA384, p521);
static P521_SHA512: Ecdsa = Ecdsa::new(alg_id::ECDSA_P521, alg_id::ECDSA_SHA512, &SHA512, p521);

/// For TLS 1.3 the first of each scheme counts, for 1.2 any.
pub(crate) static ALGORITHMS: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[
        usual::ECDSA_P256_SHA256,
        usual::ECDSA_P256_SHA384,
        usual::ECDSA_P384_SHA256,
        usual::ECDSA_P384_SHA384,
        &P256_SHA512,
        &P384_SHA512,
        &P521_SHA256,
        &P521_SHA384,
        &P521_SHA512,
        usual::ED25519,
        usual::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        usual::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
        usual::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
        usual::RSA_PKCS1_2048_8192_SHA256,
        usual::RSA_PKCS1_2048_8192_SHA384,
        usual::RSA_PKCS1_2048_8192_SHA512,
        usual::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
        usual::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
        usual::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
    ],
    mapping: &[
        (Scheme::ECDSA_NISTP384_SHA384, &[usual::ECDSA_P384_SHA384, usual::ECDSA_P256_SHA384, &P521_SHA384]),
        (Scheme::ECDSA_NISTP256_SHA256, &[usual::ECDSA_P256_SHA256, usual::ECDSA_P384_SHA256, &P521_SHA256]),
        (Scheme::ECDSA_NISTP521_SHA512, &[&P521_SHA512, &P384_SHA512, &P256_SHA512]),
        (Scheme::ED25519, &[usual::ED25519]),
        (Scheme::RSA_PSS_SHA512, &[usual::RSA_PSS_2048_8192_SHA512_LEGACY_KEY]),
        (Scheme::RSA_PSS_SHA384, &[usual::RSA_PSS_2048_8192_SHA384_LEGACY_KEY]),
        (Scheme::RSA_PSS_SHA256, &[usual::RSA_PSS_2048_8192_SHA256_LEGACY_KEY]),
        (Scheme::RSA_PKCS1_SHA512, &[usual::RSA_PKCS1_2048_8192_SHA512]),
        (Scheme::RSA_PKCS1_SHA384, &[usual::RSA_PKCS1_2048_8192_SHA384]),
        (Scheme::RSA_PKCS1_SHA256, &[usual::RSA_PKCS1_2048_8192_SHA256]),
    ],
};

/// What is offered to servers whose certificate nobody verifies: everything, since no signature is checked.
pub(crate) const ANY: [Scheme; 14] = [
    Scheme::ECDSA_NISTP256_SHA256,
    Scheme::ECDSA_NISTP384_SHA384,
    Scheme::ECDSA_NISTP521_SHA512,
    Scheme::ED25519,
    Scheme::ED448,
    Scheme::RSA_PSS_SHA256,
    Scheme::RSA_PSS_SHA384,
    Scheme::RSA_PSS_SHA512,
    Scheme::RSA_PKCS1_SHA256,
    Scheme::RSA_PKCS1_SHA384,
    Scheme::RSA_PKCS1_SHA512,
    Scheme::ECDSA_SHA1_Legacy,
    Scheme::RSA_PKCS1_SHA1,
    // SHA-224 with RSA.
    Scheme::Unknown(0x0301),
];

/// ECDSA with one curve and one hash.
struct Ecdsa {
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
    hash: &'static Algorithm,
    verify: Verify,
}

/// Whether a key made a signature of a hash.
type Verify = fn(key: &[u8], hash: &[u8], signature: &[u8]) -> Option<()>;

impl Ecdsa {
    const fn new(
        key: AlgorithmIdentifier,
        signature: AlgorithmIdentifier,
        hash: &'static Algorithm,
        verify: Verify,
    ) -> Self {
        Self { key, signature, hash, verify }
    }
}

impl SignatureVerificationAlgorithm for Ecdsa {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        (self.verify)(key, digest(self.hash, message).as_ref(), signature).ok_or(InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

impl fmt::Debug for Ecdsa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ECDSA with {:?}", self.hash)
    }
}

fn p256(key: &[u8], hash: &[u8], signature: &[u8]) -> Option<()> {
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
    key.verify_prehash(hash, &p256::ecdsa::Signature::from_der(signature).ok()?).ok()
}

fn p384(key: &[u8], hash: &[u8], signature: &[u8]) -> Option<()> {
    let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
    key.verify_prehash(hash, &p384::ecdsa::Signature::from_der(signature).ok()?).ok()
}

fn p521(key: &[u8], hash: &[u8], signature: &[u8]) -> Option<()> {
    let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
    // A number, whatever its width; the crate takes no hash of less than half the curve's.
    let mut number = [0; 66];
    number[66 - hash.len()..].copy_from_slice(hash);
    key.verify_prehash(&number, &p521::ecdsa::Signature::from_der(signature).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(digits: &str) -> Vec<u8> {
        let pairs = digits.as_bytes().chunks(2);
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }

    /// Made with OpenSSL, over "a message".
    const P521: &str = "0401f2110d557fec8dbcaa31ff2d31754380dd86685d1dd1b9aa90738afd3f73149c5434a3eca702983f2e8ba0d008820bac6b6fc27529d42cc17ed65701cae9a238b1001ce9ad8ba30c0313a70792e47dc52bd47faf20360c8effe4d72f52278a0ace177386f1426634bcb03cdc40ec49aae68b00a250d60ae4add4621c3a125ad91579ec";

    #[test]
    fn what_ring_leaves_out() {
        let cases: [(&Ecdsa, &str, &str); 5] = [
            (
                &P256_SHA512,
                "046b452a40a765a65e1cc9aa3d468da2114e39c13a9aeafed39827b17fb5b6920dbede839337407fba57fdb369c02fd3bbfd3a620b730c3a2597c366767c7da9f0",
                "304402202eee0de5acab9da6ae161d07584fcfdf119bbcb6ed4c1d4b5a4f183fde2651520220023b329f7d875dc2974e0b2befbe6e3c20d2c30465a06c336f06035d6efc5b16",
            ),
            (
                &P384_SHA512,
                "04e513e8456f4917d990cc4beb37c3f5eb1595f08570fb481ef0efd4b508c9953a2ff2815e36e8a8364403915341dad9c6f4526efbfe4b886dfca911910d91d4da1508633e12f436251ccd1a41df3f9f444eb938485d917197faecd401543a3abf",
                "3066023100c8e9e83c4505d9d0e8f1cd53410bedc44fa8eeffdb39b9057f500d9476a180bae47b9e02f1a21e4c0fb0f8a53b732aed0231009743b0deadcc323a25b7abc7d2ce90f2ded9d73ae9c01909e02b9f9ec10711a3555e1b20c5734a9164124d6ee272ad52",
            ),
            (
                &P521_SHA256,
                P521,
                "308188024200f7ec0e1161c37bb9b759ac89f326db6520e88d86230d09a0697169fcfafd3a7e1172cbf4871a6458cefca16a4e9597a142366f8bc7ea1a03f705c567576e6a57b2024201a7400ea1293223b4a7d2ad9f9a8bbf1ae5d906ef7e2745732916e7d8898d09f95a341ccbb265dd3b865e0ea21cff9c4df6711dea98cd40becca12d692f44f77832",
            ),
            (
                &P521_SHA384,
                P521,
                "308188024201507ec603ac72befaf90f020696c27fb4a9f14f6b2ed1f388a86cf08b97eb1ea6dc1eab92e980d867c3b4618fa5857a0e85e69847575107ad77eb7d2333e0f8a4110242016c71fdad35de97004ac2569b6111da8b247fe1bcf86119ebc91644e3de3547018673a76db0d2e23aaadc28f3b271bbe49479c3fb04369c16eb3ce18bbc2b40d13c",
            ),
            (
                &P521_SHA512,
                P521,
                "308188024201a60a71cf99fd521182a2d089fd0f5c2f8c92496c0036a46b83470a9d50fd068a8008f7177aea9f6c4092646d748388ff92879c1a3f3047a59c9d90b414bfb81d46024200fe4ba68e12a098d7507f61bed14ea5f13666db9921c695d2390276ede678ffd75dfa0e5bf661e26935c3d9e83c6de906955911b4e6fe67b03a27e8aa97290a122a",
            ),
        ];
        for (algorithm, key, signature) in cases {
            let (key, signature) = (hex(key), hex(signature));
            assert!(algorithm.verify_signature(&key, b"a message", &signature).is_ok(), "{algorithm:?}");
            assert!(algorithm.verify_signature(&key, b"another", &signature).is_err(), "{algorithm:?}");
            assert!(algorithm.verify_signature(&key[1..], b"a message", &signature).is_err(), "{algorithm:?}");
            assert!(algorithm.verify_signature(&key, b"a message", &signature[1..]).is_err(), "{algorithm:?}");
        }
    }
}

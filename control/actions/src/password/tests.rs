use super::*;

#[test]
fn the_first_anybody_would_try_are_refused() {
    for bad in [
        "password1234",
        "P@ssw0rd2024!",
        "Summer2024!!",
        "passwordpassword",
        "welcomewelcome1",
        "correcthorsebatterystaple",
        "Administrator1",
        "123456789012",
        "111111111111",
        "abcabcabcabc",
        "qwertyuiopasdf",
        "1qaz2wsx3edc",
        "abcdefghijklm",
        "!!!!!!!!!!!!",
        "2024-01-01-2024",
        "ann.lee@example.org",
        "ann.lee12345",
    ] {
        assert!(judge(bad, "ann.lee@example.org").is_err(), "{bad}");
    }
}

#[test]
fn others_are_accepted() {
    for good in [
        "three unrelated words",
        "correct horse battery staple",
        "Tr0ub4dor&3-more",
        "k7#mQz!x2Lp9",
        "ein schöner Satz",
        "demo-password-of-2024",
        "test-password-please",
        "日本語のとても長いパスワード",
    ] {
        assert_eq!(judge(good, "ann@example.org"), Ok(()), "{good}");
    }
}

#[test]
fn length_is_counted_in_characters() {
    assert!(judge("short pass?", "").unwrap_err().contains("12 to 128"));
    assert!(judge(&"x y z 7 ".repeat(17), "").unwrap_err().contains("136"));
    assert_eq!(judge(&"unrelated words ".repeat(8), ""), Ok(()));
}

#[tokio::test]
async fn a_hash_verifies_its_password_and_no_other() {
    let passwords = Passwords::new().unwrap();
    let hash = passwords.hash("three unrelated words".into()).await.unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert!(passwords.verify("three unrelated words".into(), Some(hash.clone())).await.unwrap());
    assert!(!passwords.verify("three unrelated word".into(), Some(hash)).await.unwrap());
    assert!(!passwords.verify(String::new(), None).await.unwrap());
    assert!(passwords.verify("x".into(), Some("nonsense".into())).await.is_err());
}

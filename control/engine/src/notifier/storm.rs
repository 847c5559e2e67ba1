//! Many incidents at once are one message per channel, not many: what is due together becomes a digest, whose members are
//! fixed in a row of their own before it is sent.

use channels::{self, Kind};
use store::{
    GenericClient,
    outbox::{self, DigestCandidate},
};

/// A digest tells of this many incidents at most: receivers bound what they take.
const MOST: usize = 500;

/// Puts together what is due at once, where there are more than `above` messages of one kind to one channel. Each digest
/// is one statement.
pub(super) async fn gather(db: &impl GenericClient, above: usize) -> Result<(), store::Error> {
    for candidate in outbox::digest_candidates(db, above).await?.iter().filter(|candidate| may_be_one(candidate)) {
        for _ in 0..digests_for(candidate.count, above) {
            let members = outbox::digest(db, candidate, above, MOST).await?;
            if members == 0 {
                // Another replica is at it.
                break;
            }
            tracing::info!(channel = %candidate.channel, members, resolves = candidate.resolves, "told as one digest");
        }
    }
    Ok(())
}

/// What pairs openings with resolves by itself is told one by one.
fn may_be_one(candidate: &DigestCandidate) -> bool {
    candidate.kind.parse::<Kind>().is_ok_and(channels::digests)
}

/// How many digests take `count` messages; a rest of at most `above` is told one by one.
fn digests_for(count: usize, above: usize) -> usize {
    count / MOST + usize::from(count % MOST > above)
}

#[cfg(test)]
mod tests {
    use domain::ids::ChannelId;

    use super::*;

    #[test]
    fn a_few_are_told_one_by_one() {
        for (count, digests) in [(0, 0), (10, 0), (11, 1), (500, 1), (510, 1), (511, 2), (1_000, 2), (1_234, 3)] {
            assert_eq!(digests_for(count, 10), digests, "{count}");
        }
        assert_eq!(digests_for(1, 0), 1);
    }

    #[test]
    fn what_pairs_by_itself_is_no_candidate() {
        let candidate = |kind: &str| DigestCandidate {
            channel: ChannelId::new(),
            kind: kind.to_owned(),
            resolves: false,
            count: 99,
        };
        for kind in Kind::ALL {
            assert_eq!(may_be_one(&candidate(kind.as_str())), *kind != Kind::Pagerduty, "{kind}");
        }
        assert!(!may_be_one(&candidate("telepathy")));
    }
}

//! Looks after the regions' groups on the streams of jobs: one that somebody moved beyond its stream's end, so that its region
//! would never be given a job again, goes on where it was.

use super::{Failure, Ingester, warnings::About};

impl Ingester<'_> {
    /// Looks where every group stands, and sets back the ones that stand where no reading leads.
    pub(super) async fn look_after_groups(&mut self) -> Result<(), Failure> {
        let positions = wire::group_positions(&mut self.reading, self.keys, &self.heard).await?;
        for group in positions {
            let key = (group.region.clone(), group.stream.clone());
            if !group.is_beyond() {
                self.delivered.insert(key, group.at);
                continue;
            }
            let to = self.delivered.get(&key).copied().unwrap_or_default();
            if self.is_news(About::Group, Some(&group.region)) {
                tracing::warn!(
                    region = %group.region, stream = group.stream, at = %group.at, end = %group.end, %to,
                    "somebody moved a region's group beyond the end of its stream: it is set back"
                );
            }
            wire::set_group_back(&mut self.reading, &group, to).await?;
            let what = format!(
                "somebody with rights to the stream {} moved this region's group to {}, beyond its end: it was set back to {to}",
                group.stream, group.at
            );
            self.odd.insert(group.region.clone(), what);
        }
        Ok(())
    }
}

#!/bin/sh
# Prints the users of Redis, as an ACL file: control with CONTROL_PASSWORD, and for each `region:password` of REGIONS one user
# named like the region, whose probes may take jobs, hand in outcomes for their own region, and nothing else.
set -eu

key=${STREAM_KEY:-betteruptime:website}

echo "user default off"
# For health checks: an open door to an empty room.
echo "user health on nopass +ping"
echo "user control on >${CONTROL_PASSWORD:?} ~$key* ~{$key*}:* +@all -@admin -@dangerous +info"
for each in ${REGIONS:?}; do
    region=${each%%:*}
    echo "user $region on >${each#*:} ~$key ~{$key}:$region +xreadgroup +xack +xclaim +xautoclaim +xpending +xgroup|create" \
        "+multi +exec +discard +ping +time +hello +client|setname (%W~{$key}:$region:results +xadd)"
done

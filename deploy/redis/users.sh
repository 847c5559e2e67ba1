#!/bin/sh
# Prints the users of Redis, as an ACL file: control with CONTROL_PASSWORD, and for each `region:password` of REGIONS one user
# named like the region, whose probes may take jobs, hand in outcomes for their own region, and nothing else.
#
# LANES is control's number of lanes (1). ISOLATED lists regions that have no right to the stream all regions share.
set -eu

key=${STREAM_KEY:-betteruptime:website}

echo "user default off"
# For health checks: an open door to an empty room.
echo "user health on nopass +ping"
echo "user control on >${CONTROL_PASSWORD:?} ~$key* ~{$key*}:* +@all -@admin -@dangerous +info"
for each in ${REGIONS:?}; do
    region=${each%%:*}
    keys=
    results=
    lane=0
    while [ "$lane" -lt "${LANES:-1}" ]; do
        of=$key
        [ "$lane" -eq 0 ] || of=$key.$lane
        case " ${ISOLATED:-} " in
            *" $region "*) ;;
            *) keys="$keys ~$of" ;;
        esac
        keys="$keys ~{$of}:$region"
        results="$results%W~{$of}:$region:results "
        lane=$((lane + 1))
    done
    echo "user $region on >${each#*:}$keys +xreadgroup +xack +xclaim +xautoclaim +xpending +xgroup|create" \
        "+multi +exec +discard +ping +time +hello +client|setname ($results+xadd)"
done

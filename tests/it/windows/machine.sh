#!/bin/sh
# Inside the network of one machine: gives it a name, firmware and a Windows of its own, and runs its
# agent. Everything stands in the environment; mounts and name vanish with the process.
set -eu

hostname "$HOST"
# Wine asks the resolver for its own name: nobody answers in here.
printf '127.0.0.1 localhost %s\n' "$HOST" >"$PLACE/hosts"
: >"$PLACE/resolv.conf"
printf '%s\n' "$MACHINE_ID" >"$PLACE/machine-id"
mount --bind "$PLACE/hosts" /etc/hosts
mount --bind "$PLACE/resolv.conf" "$(realpath /etc/resolv.conf)"
for id in /etc/machine-id /var/lib/dbus/machine-id; do
  [ ! -e "$id" ] || mount --bind "$PLACE/machine-id" "$(realpath "$id")"
done
mount -t tmpfs tmpfs /sys/class
mkdir -p /sys/class/dmi
cp -r "$PLACE/firmware" /sys/class/dmi/id
mkdir "$PLACE/upper" "$PLACE/work" "$PLACE/prefix"
# Where the disk is such a layer itself, it cannot be the upper one of another: a whole copy then.
mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$PLACE/upper,workdir=$PLACE/work" "$PLACE/prefix" 2>/dev/null ||
  cp -a "$BASE/." "$PLACE/prefix/"

export WINEPREFIX="$PLACE/prefix" WINEDEBUG=-all
run() { "$WINE" "$@" 2>&1 | grep -v '^wine: Read access denied' || true; }
kill_server() { "$WINESERVER" -k 2>/dev/null || true; }
trap kill_server EXIT

run reg.exe import "Z:$(printf %s "$PLACE/seed.reg" | tr / '\\')"
# Services are read when the server of Wine starts.
kill_server
cp -r "$PLACE/drive/." "$PLACE/prefix/drive_c/"
run "$AGENT" enroll --server "$SERVER" --token-file "Z:$(printf %s "$PLACE/token" | tr / '\\')"
run "$AGENT" send
# The same as a service: in, running, out again.
run "$AGENT" service install
run "$AGENT" service start
ready() { run "$AGENT" service status; }
for _ in 1 2 3 4 5 6 7 8 9 10; do
  state=$(ready)
  case $state in *動いています*) break ;; esac
done
echo "$state"
# Its memory once it waits, and who listens in this network meanwhile.
for folder in /proc/[0-9]*; do
  # Of this machine, by the network that it is in. The program's first thread gives it another name.
  case $(tr '\0' ' ' <"$folder/cmdline" 2>/dev/null) in *daicho-agent.exe*service*run*) ;; *) continue ;; esac
  if [ "$(readlink "$folder/ns/net")" = "$(readlink /proc/$$/ns/net)" ]; then
    grep -E 'VmRSS|RssAnon' "$folder/status" || true
  fi
done >"$PLACE/memory"
ss -Hlntu >"$PLACE/listening"
run "$AGENT" service stop
run "$AGENT" service uninstall
run reg.exe query 'HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\DaichoAgent' >"$PLACE/left" || true
run "$AGENT" status
# What left this network for somebody else.
nft list counters >"$PLACE/counters"

#!/bin/sh
# Runs inside the booted old Debian, as its administrator would; the test reads what lies in /out.
exec >/out/log 2>&1
set -x
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin

dpkg -i /daicho-agent.deb
systemctl is-enabled daicho-agent >/out/enabled
systemctl is-active daicho-agent >/out/before-enrolment

runuser -u daicho-agent -- daicho-agent enroll --server "$(cat /out/server)" --token - </out/token
echo $? >/out/enrolled

# What root sees, and what the very same sandbox sees.
daicho-agent report --state /nonexistent >/out/root.json
sed -e 's/^Type=.*/Type=oneshot/' -e '/^Restart/d' \
  -e 's#^ExecStart=.*#ExecStart=/usr/bin/daicho-agent report --state /nonexistent\nStandardOutput=file:/out/service.json#' \
  /lib/systemd/system/daicho-agent.service >/run/systemd/system/daicho-look.service

mkdir -p /run/systemd/system/daicho-agent.service.d
cat >/run/systemd/system/daicho-agent.service.d/now.conf <<'EOF'
[Service]
ExecStart=
ExecStart=/usr/bin/daicho-agent run --config /etc/daicho/agent.toml --first-now
EOF
systemctl daemon-reload
systemctl start daicho-look
systemctl start daicho-agent
i=0
while [ $i -lt 300 ] && ! daicho-agent status --json | grep -q '"acknowledged":[1-9]'; do
  i=$((i + 1))
  sleep 0.2
done
daicho-agent status --json >/out/status.json
systemctl is-active daicho-agent >/out/running
pid=$(systemctl show -p MainPID --value daicho-agent)
grep -E '^(Uid|CapPrm|CapEff|CapBnd|NoNewPrivs|Seccomp):' "/proc/$pid/status" >/out/process
systemctl stop daicho-agent
systemctl show -p Result --value daicho-agent >/out/stopped
journalctl -u daicho-agent -u daicho-look -o cat --no-pager >/out/journal
dpkg -P daicho-agent
echo $? >/out/purged
ls -d /var/lib/daicho-agent /etc/daicho /usr/bin/daicho-agent >/out/left 2>/dev/null
systemctl poweroff --no-block

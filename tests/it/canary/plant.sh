# A hospital machine full of traces of one patient, in a mount namespace of its own: nothing of the
# real machine is changed. Run by the test in `unshare --mount --uts` with three arguments: an empty
# folder, a certificate of a person, and `through` where one trace is to be let through.
cover=$1 certificate=$2 through=$3

mount -t tmpfs -o mode=755 tmpfs "$cover"
over() {
  for name in "$@"; do
    mkdir -p "$cover/upper/$name" "$cover/work/$name"
    mount -t overlay -o "lowerdir=/$name,upperdir=$cover/upper/$name,workdir=$cover/work/$name" \
      overlay "/$name"
  done
}
over etc var home root mnt srv

# The full text, and a form for places that take no spaces; each says where it was planted.
c() { printf '患者 山田太郎 ヤマダ タロウ 1950-01-01 カルテ番号 0123456-%s 保険者番号 06139876' "$1"; }
n() { printf 'yamada-taro-0123456-%s' "$1"; }
# Adds lines to a file, with its folder.
put() {
  mkdir -p "$(dirname "$1")"
  cat >>"$1"
}

# 01: names of files and folders, in both encodings that Japanese machines have.
place="/home/$(c 01)"
mkdir -p "$place" /srv/share
c 01 >"$place/$(c 01).pdf"
printf 'x' >"/home/$(printf '\216\122\223\143\221\276\230\131')-$(n 01).txt"
mkdir -p "/var/lib/mysql/$(n 01)" "/var/www/$(c 01)" "/var/tmp/$(c 01)"
put "/var/mail/root" <<<"Subject: $(c 01)"
# 02: a program that is called by the name of a patient; the test starts it.
printf '#!/usr/bin/tail -f\n' >"/home/山田太郎.sh"
chmod 755 "/home/山田太郎.sh"
# 03: shells and editors.
put /root/.bash_history <<<"lpr '$(c 03).pdf'; mysql -u $(n 03) -p$(n 03)"
put /root/.viminfo <<<"> /home/$(c 03)"
put /root/.netrc <<<"machine nas login $(n 03) password $(n 03)"
# 04: printer jobs.
put /var/spool/cups/c00042 <<<"job-name $(c 04) job-originating-user-name $(n 04)"
put /var/spool/cups/d00042-001 <<<"$(c 04)"
put /etc/cups/printers.conf <<<"<Printer $(n 04)>
Info $(c 04)
Location $(c 04)
</Printer>"
put /var/log/cups/page_log <<<"$(n 04) 42 [25/Nov/2026] 1 $(c 04)"
# 05: mounts.
mkdir -p "/mnt/$(c 05)" "/srv/$(c 05)"
mount -t tmpfs "$(n 05)" "/mnt/$(c 05)"
mount --bind /srv/share "/srv/$(c 05)"
put /etc/fstab <<<"# $(c 05)
//nas/$(n 05) /mnt/$(n 05) cifs noauto,username=$(n 05),password=$(n 05) 0 0"
put /etc/crypttab <<<"$(n 05) LABEL=$(n 05) none # $(c 05)"
put /etc/auto.home <<<"$(n 05) -fstype=nfs nas:/$(n 05)"
# 06: jobs of the scheduler.
put /etc/cron.d/daicho-beside-cron <<<"# $(c 06)
NAME='$(c 06)'
0 3 * * * root /usr/bin/lpr '$(c 06)'"
put /etc/crontab <<<"0 3 * * * root echo $(c 06)"
put /var/spool/cron/crontabs/root <<<"0 3 * * * echo $(c 06)"
put /var/spool/cron/atjobs/a00001 <<<"echo $(c 06)"
# 07: units of systemd; of an instance the name may be a label or a path.
put /etc/systemd/system/daicho-beside-unit.service <<<"[Unit]
Description=$(c 07)
[Service]
Environment='PATIENT=$(c 07)'
ExecStart=/usr/bin/tail -f '$(c 07)'"
put "/etc/systemd/system/daicho-beside-unit.service.d/$(c 07).conf" <<<"# $(c 07)"
wants=/etc/systemd/system/multi-user.target.wants
mkdir -p "$wants"
ln -s ../daicho-beside-unit.service "$wants/daicho-beside-unit.service"
put "/etc/systemd/system/mnt-$(n 07).mount" <<<"[Mount]
Where=/mnt/$(n 07)"
ln -s "../mnt-$(n 07).mount" "$wants/"
ln -s /dev/null "$wants/daicho-beside-check@dev-disk-by\\x2dlabel-$(n 07).service"
ln -s /dev/null "$wants/daicho-beside-check@$(c 07).service"
# 08: shares.
put /etc/samba/smb.conf <<<"# $(c 08)
[global]
  server string = $(c 08)
  netbios name = NAS
[daicho-beside-share]
  comment = $(c 08)
  path = /srv/$(c 08)
  valid users = $(n 08)
  read only = no ; $(c 08)"
put /etc/exports <<<"\"/srv/$(c 08)\" 192.0.2.0/24(rw)
/home/$(n 08) *(ro) # $(c 08)"
mkdir -p /var/lib/samba/usershares
put "/var/lib/samba/usershares/$(n 08)" <<<"path=/srv/$(c 08)"
# 09: remote log-in.
mkdir -p /etc/ssh
{
  printf 'PermitRootLogin no # %s\nBanner /etc/%s\n' "$(c 09)" "$(n 09)"
  [ ! -e /etc/ssh/sshd_config ] || cat /etc/ssh/sshd_config
  printf 'Match User %s\n  ForceCommand /usr/bin/lpr %s\n' "$(n 09)" "$(c 09)"
} >"$cover/sshd" && mv "$cover/sshd" /etc/ssh/sshd_config
put /etc/motd <<<"$(c 09)"
put /etc/issue.net <<<"$(c 09)"
put /root/.ssh/authorized_keys <<<"ssh-ed25519 AAAA $(c 09)"
# 10: logs.
put /var/log/syslog <<<"Nov 25 09:00:00 host viewer: $(c 10)"
put "/var/log/syslog-$(n 10)" <<<"$(c 10)"
put /var/log/messages <<<"$(c 10)"
put /var/log/auth.log <<<"Nov 25 09:00:00 host sshd: Failed password for invalid user $(n 10)"
put /var/log/btmp <<<"$(n 10)"
put /var/log/dpkg.log <<<"2026-11-25 09:00:00 status $(c 10)"
put /etc/rsyslog.d/daicho.conf <<<"template(name=\"t\" type=\"string\" string=\"$(c 10)\")
:msg, contains, \"$(c 10)\" /var/log/$(n 10)
*.* @@log.daicho-beside.example:514;$(n 10) # $(c 10)"
# 11: names of machines and name servers.
put /etc/hosts <<<"# $(c 11)
192.0.2.9 host.daicho-beside.example # $(n 11)
192.0.2.10 $(c 11)
192.0.2.11 $(n 11)@nas"
put "/etc/dnsmasq.d/$(n 11).conf" <<<"# $(c 11)
server=/forward.daicho-beside.example/山田太郎/192.0.2.53 # $(c 11)
address=/$(n 11)/192.0.2.9
txt-record=$(n 11),\"$(c 11)\""
put "/etc/systemd/resolved.conf.d/$(n 11).conf" <<<"# $(c 11)
[Resolve]
DNS=192.0.2.53#$(n 11)
Domains=~route.daicho-beside.example ~$(c 11)"
put /etc/machine-info <<<"PRETTY_HOSTNAME=\"$(c 11)\"
LOCATION=\"$(c 11)\""
rm -f /etc/resolv.conf
put /etc/resolv.conf <<<"nameserver 192.0.2.53
search daicho-beside.example # $(c 11)
# $(c 11)"
# 12: containers and virtual machines.
put "/var/lib/docker/containers/$(n 12)/config.v2.json" <<<"{\"Env\":[\"PATIENT=$(c 12)\"],\"Name\":\"$(n 12)\"}"
put /etc/libvirt/qemu/daicho-beside-vm.xml <<<"<domain type='kvm'>
 <name>daicho-beside-vm</name>
 <title>$(c 12)</title>
 <metadata><m:name xmlns:m='m'>$(c 12)</m:name></metadata>
 <description>$(c 12)</description>
 <devices><disk><source file='/srv/$(c 12)'/></disk><graphics passwd='$(n 12)'/></devices>
</domain>"
put /etc/pve/qemu-server/101.conf <<<"#$(c 12)
description: $(c 12)
name: daicho-beside-pve
[snapshot]
name: $(n 12)"
# 13: networks and their passwords.
put "/etc/NetworkManager/system-connections/$(c 13).nmconnection" <<<"[connection]
id=$(c 13)
[wifi-security]
psk=$(n 13)"
put /etc/wpa_supplicant/wpa_supplicant.conf <<<"network={ ssid=\"$(c 13)\" psk=\"$(n 13)\" }"
put /etc/ppp/chap-secrets <<<"$(n 13) * $(n 13) *"
# 14: the clock.
put /etc/systemd/system/chrony.service <<<"[Service]"
ln -sf ../chrony.service "$wants/chrony.service"
put /etc/chrony/chrony.conf <<<"# $(c 14)
server ntp.daicho-beside.example key 1 # $(c 14)"
put /etc/chrony/chrony.keys <<<"1 SHA1 HEX:$(n 14) # $(c 14)"
# 15: proxies and package sources with accounts and passwords that are not escaped.
put /etc/environment <<<"PATIENT='$(c 15)'
http_proxy=http://$(n 15):0123456-15#x@proxy.daicho-beside.example:3128
https_proxy=http://$(n 15):x/y@proxy.daicho-beside.example:3128/
no_proxy='.past.daicho-beside.example,$(n 15):x@nas,$(c 15)'"
put /etc/apt/apt.conf.d/99daicho <<<"// $(c 15)
Acquire::http::Proxy \"http://$(n 15):a?b#c@proxy.daicho-beside.example:3129\";"
put /etc/apt/auth.conf <<<"machine apt.daicho-beside.example login $(n 15) password $(n 15)"
put /etc/apt/sources.list.d/daicho.list <<<"deb [trusted=yes] https://$(n 15):a?b/c@apt.daicho-beside.example/$(n 15) stable main # $(c 15)"
# 16: accounts. Names of accounts are sent; what else stands beside them is not.
put /etc/passwd <<<"daichobeside:x:54321:54321:$(c 16),,,:/home/$(c 16):/bin/bash"
put /etc/shadow <<<"daichobeside:$(n 16):19000:0:99999:7:::"
put /etc/sudoers.d/daicho-beside-rule <<<"# $(c 16)
daichobeside ALL=(ALL) NOPASSWD: /usr/bin/lpr $(c 16)"
grep -q '^[@#]includedir */etc/sudoers.d' /etc/sudoers 2>/dev/null ||
  put /etc/sudoers <<<'@includedir /etc/sudoers.d'
# 17: certificates of a person; one file too large to be read.
for folder in /etc/ssl/localcerts /etc/pki/tls/certs; do
  mkdir -p "$folder"
  cp "$certificate" "$folder/$(n 17).pem"
done
mkdir -p "/etc/letsencrypt/live/$(n 17)" /etc/nginx/ssl
cp "$certificate" "/etc/letsencrypt/live/$(n 17)/cert.pem"
head -c 400000 /dev/zero >"/etc/nginx/ssl/$(n 17).crt"
# 18: packages, and what starts with a session.
put /var/lib/dpkg/status <<<"
Package: daicho-beside-package
Status: install ok installed
Maintainer: Daicho Beside <$(n 18)@example.jp>
Version: 1.0
Architecture: amd64
Description: $(c 18)
 $(c 18)
"
put /etc/xdg/autostart/daicho-beside-session.desktop <<<"[Desktop Entry]
Name=$(c 18)
Exec=/usr/bin/viewer '$(c 18)'"
put /etc/modprobe.d/daicho.conf <<<"blacklist usb-storage # $(c 18)"

if [ "$through" = through ]; then
  # What is sent as it is: the name of the machine, and the name of a service.
  n 98 >/proc/sys/kernel/hostname
  put "/etc/systemd/system/$(n 99).service" <<<"[Service]"
  ln -s "../$(n 99).service" "$wants/"
fi
echo planted
# Until the test lets go of the other end.
read -r _ || true

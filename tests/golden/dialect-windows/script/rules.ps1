# what we rolled out in 2019
$clients = @('10.20.0.0/17', '10.20.128.0/17')
$ports = 88,135, 389 ,445,464
New-NetFirewallRule -DisplayName "AD over TCP" -Direction Inbound -Protocol TCP -LocalPort $ports -RemoteAddress $clients -Action Allow
New-NetFirewallRule -DisplayName "RPC" -Protocol TCP -LocalPort RPC -RemoteAddress $clients -Profile Domain
foreach ($p in 88, 123, 389, 464) {
    New-NetFirewallRule -DisplayName "UDP $p" -Protocol UDP -LocalPort $p -RemoteAddress $clients
}
New-NetFirewallRule -DisplayName 'Ping' -Protocol ICMPv4 -IcmpType 8 -RemoteAddress 10.20.0.0/16
Disable-NetFirewallRule -DisplayGroup 'Remote Desktop'

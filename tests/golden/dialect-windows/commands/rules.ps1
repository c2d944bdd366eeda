<# What was here once:
New-NetFirewallRule -DisplayName "Old" -Direction Inbound -Protocol TCP -LocalPort 23 -Action Allow
#>
Set-NetFirewallProfile -All -Enabled True -DefaultInboundAction Block
New-NetFirewallRule -DisplayName "Web" -Direction Inbound -Protocol TCP -LocalPort 80,
    443 -RemoteAddress 10.0.0.0/8 -Action Allow | Out-Null
New-NetFirewallRule -DisplayName "A" -Direction Inbound -Protocol TCP -LocalPort 22 -Action Allow; New-NetFirewallRule -DisplayName "B" -Direction Inbound -Protocol TCP -LocalPort 25 -Action Allow
New-NetFirewallRule -DisplayName "C" -Direction Inbound -Protocol TCP -LocalPort 26 -Action Allow | Disable-NetFirewallRule
New-NetFirewallRule -DisplayName "Tagged" -Direction Inbound -Protocol TCP -LocalPort 27 -Action Allow -PolicyAppId "App1"
Get-NetFirewallPortFilter -Protocol TCP | Set-NetFirewallPortFilter -LocalPort Any
New-NetIPsecRule -DisplayName "All" -InboundSecurity Require

#:package SkiaSharp
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
// Draws icon.png: a line of tokens, one of them masked and predicted. dotnet run packaging/icon.cs
using SkiaSharp;

const int size = 256;
using var bitmap = new SKBitmap(size, size);
using var canvas = new SKCanvas(bitmap);
using var paint = new SKPaint { IsAntialias = true };

Fill(new(0, 0, size, size), radius: 48, new(0x51, 0x2B, 0xD4)); // .NET's violet
var white = SKColors.White;
var faint = white.WithAlpha(0x70);
Fill(new(36, 58, 116, 94), radius: 18, faint);
Fill(new(132, 58, 220, 94), radius: 18, faint);
Fill(new(36, 166, 84, 202), radius: 18, faint);
Fill(new(100, 166, 156, 202), radius: 18, faint);
Fill(new(172, 166, 220, 202), radius: 18, faint);
Fill(new(92, 104, 164, 156), radius: 18, new(0xFF, 0xD2, 0x1E)); // the token that is predicted

// The bracketed mask around it.
paint.Style = SKPaintStyle.Stroke;
paint.StrokeWidth = 12;
paint.StrokeCap = SKStrokeCap.Round;
paint.Color = white;
foreach (var (outer, inner) in (ReadOnlySpan<(float, float)>)[(64, 78), (192, 178)])
    canvas.DrawPoints(SKPointMode.Polygon, [new(inner, 104), new(outer, 104), new(outer, 156), new(inner, 156)], paint);

using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
using var file = File.Create(Path.Combine("packaging", "icon.png"));
data.SaveTo(file);

void Fill(SKRect rectangle, float radius, SKColor color)
{
    paint.Style = SKPaintStyle.Fill;
    paint.Color = color;
    canvas.DrawRoundRect(rectangle, radius, radius, paint);
}
